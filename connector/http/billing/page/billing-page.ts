/** The billing page's HTML: plan and next date, change, means of payment, invoices, cancelling. */
import { findPlan } from '../../../billing/plans.ts';
import { type Html, html } from '../../html.ts';
import { money, per } from '../../money.ts';
import { page } from '../../page.ts';
import { addOnsCard } from './add-ons-card.ts';
import { BILLING_TEXTS } from './texts.ts';
import type { BillingView, ShownSubscription } from './view.ts';

export function billingPage(view: BillingView): string {
  const texts = BILLING_TEXTS[view.language];
  const { organisation, subscriptions } = view;
  const note = view.note === undefined ? undefined : texts.notes[view.note];
  const body = html`<div class="narrow billing">
<h1>${texts.title}</h1>
<p class="lead">${organisation.name} · ${organisation.contactEmail}</p>
${note !== undefined && html`<p class="note" role="status" data-note="${view.note}">${note}</p>`}
${subscriptions.length === 0 && html`<section class="card"><p>${texts.none}</p><p><a class="button primary" href="/services/comply">${texts.buy}</a></p></section>`}
${subscriptions.map((shown) => subscriptionCard(view, shown))}
${paymentCard(view)}
${invoicesCard(view)}
<form method="post" action="/billing/logout"><button class="link" type="submit">${texts.logout}</button></form>
</div>`;
  return page({ title: texts.title, site: view.site, language: view.language, body });
}

export const day = (view: Pick<BillingView, 'language'>, at: Date): string =>
  new Intl.DateTimeFormat(view.language, { dateStyle: 'long', timeZone: 'UTC' }).format(at);

export function planName({ catalogue, language }: BillingView, planKey: string | null): string {
  const plan = planKey === null ? undefined : findPlan(catalogue, planKey);
  return plan?.name ?? BILLING_TEXTS[language].unknownPlan;
}

function price(view: BillingView, { row }: ShownSubscription): string {
  const amount = money(row.recurringAmount, row.currency, view.language);
  const { billingInterval: interval } = row;
  return interval === 'month' || interval === 'year' ? `${amount} ${per(interval, view.language)}` : amount;
}

function subscriptionCard(view: BillingView, shown: ShownSubscription): Html {
  const texts = BILLING_TEXTS[view.language];
  const { row, ended, unpaid, live } = shown;
  const scheduled = live?.scheduled ?? null;
  return html`<section class="card subscription" data-subscription="${row.id}" data-status="${row.status}">
<div class="card-head"><h2>${planName(view, row.planKey)}</h2><span class="badge">${texts.statuses[row.status] ?? row.status}</span></div>
<dl>${row.project !== null && html`<dt>${texts.project}</dt><dd>${row.project}</dd>`}
<dt>${texts.amount}</dt><dd>${price(view, shown)}</dd>
<dt>${texts.next.label}</dt><dd class="next">${nextLine(view, shown)}</dd>
${scheduled !== null && html`<dt></dt><dd>${texts.next.changes(day(view, scheduled.at), planName(view, scheduled.planKey))}</dd>`}</dl>
${unpaid?.hostedInvoiceUrl != null && html`<p><a class="button primary" rel="noreferrer" href="${unpaid.hostedInvoiceUrl}">${texts.pay}</a></p>`}
${!ended && html`${changeForm(view, shown)}${addOnsCard(view, shown)}${endForm(view, shown)}`}
</section>`;
}

function nextLine(view: BillingView, shown: ShownSubscription): string {
  const { next } = BILLING_TEXTS[view.language];
  const { row, ended, live } = shown;
  const end = row.currentPeriodEnd;
  if (ended) return next.ended(day(view, row.endedAt ?? row.created));
  const cancelAt = row.cancelAt ?? (row.cancelAtPeriodEnd ? end : null);
  if (cancelAt !== null) return next.ends(day(view, cancelAt));
  if (live?.collectionPaused === true || row.status === 'paused') return next.paused;
  if (row.status === 'trialing' && row.trialEnd !== null)
    return next.trial(day(view, row.trialEnd), price(view, shown));
  return end === null ? '' : next.renews(day(view, end), price(view, shown));
}

const CHANGEABLE: ReadonlySet<string> = new Set(['active', 'trialing']);

function changeForm(view: BillingView, { row, live }: ShownSubscription): Html | false {
  const texts = BILLING_TEXTS[view.language];
  if (row.planKey === null || !CHANGEABLE.has(row.status) || row.cancelAtPeriodEnd || live?.updatePending)
    return false;
  const choices = view.catalogue.plans.filter((plan) => !plan.custom);
  const intervals = (['month', 'year'] as const).filter((each) =>
    choices.some(({ prices }) => prices[each] !== undefined),
  );
  return html`<details><summary>${texts.change.title}</summary>
<form method="post" action="/billing/change"><input type="hidden" name="subscription" value="${row.id}">
<div class="row"><div class="field"><label for="plan-${row.id}">${texts.change.choose}</label><select id="plan-${row.id}" name="plan_key">${choices.map(
    ({ key, name }) => html`<option value="${key}"${key === row.planKey && html` selected`}>${name}</option>`,
  )}</select></div>
<div class="field"><label for="interval-${row.id}">${texts.change.interval}</label><select id="interval-${row.id}" name="interval">${intervals.map(
    (each) =>
      html`<option value="${each}"${each === row.billingInterval && html` selected`}>${per(each, view.language)}</option>`,
  )}</select></div></div>
<button type="submit">${texts.change.look}</button></form></details>`;
}

/** Cancelling, or taking it back. */
function endForm(view: BillingView, { row }: ShownSubscription): Html {
  const { cancel, reactivate } = BILLING_TEXTS[view.language];
  const id = html`<input type="hidden" name="subscription" value="${row.id}">`;
  if (row.cancelAtPeriodEnd || row.cancelAt !== null)
    return html`<form method="post" action="/billing/reactivate">${id}<button class="primary" type="submit">${reactivate}</button></form>`;
  const until = row.currentPeriodEnd;
  return html`<details><summary>${cancel.title}</summary>
${until !== null && html`<p>${cancel.text(day(view, until))}</p>`}
<form method="post" action="/billing/cancel">${id}
<div class="field"><label for="feedback-${row.id}">${cancel.reason}</label><select id="feedback-${row.id}" name="feedback"><option value=""></option>${Object.entries(
    cancel.reasons,
  ).map(([key, text]) => html`<option value="${key}">${text}</option>`)}</select></div>
<div class="field"><label for="comment-${row.id}">${cancel.comment}</label><textarea id="comment-${row.id}" name="comment" rows="3" maxlength="1000"></textarea></div>
<button class="danger" type="submit">${cancel.button}</button></form></details>`;
}

function paymentCard(view: BillingView): Html | false {
  const { payment } = BILLING_TEXTS[view.language];
  if (view.organisation.customerId === null) return false;
  const method = view.customer?.paymentMethod ?? null;
  return html`<section class="card" id="payment"><h2>${payment.title}</h2>
<p>${
    method === null
      ? view.customer === undefined
        ? ''
        : payment.none
      : payment.card(
          method.brand.toUpperCase(),
          method.last4,
          `${String(method.expMonth).padStart(2, '0')}/${method.expYear}`,
        )
  }</p>
<form method="post" action="/billing/portal"><button type="submit">${payment.change}</button></form></section>`;
}

function invoicesCard(view: BillingView): Html {
  const { invoices: texts } = BILLING_TEXTS[view.language];
  const { invoices, nextCursor } = view.invoices;
  if (invoices.length === 0)
    return html`<section class="card" id="invoices"><h2>${texts.title}</h2><p>${texts.none}</p></section>`;
  return html`<section class="card" id="invoices"><h2>${texts.title}</h2>
<table class="lines"><thead><tr><th>${texts.date}</th><th>${texts.number}</th><th>${texts.amount}</th><th>${texts.status}</th><th></th></tr></thead><tbody>${invoices.map(
    (
      invoice,
    ) => html`<tr><td>${day(view, invoice.created)}</td><td>${invoice.number}</td><td>${money(invoice.total, invoice.currency, view.language)}</td><td>${texts.statuses[invoice.status] ?? invoice.status}</td><td>${
      invoice.invoicePdf !== null && html`<a rel="noreferrer" href="${invoice.invoicePdf}">${texts.pdf}</a>`
    } ${
      invoice.status === 'open' &&
      invoice.hostedInvoiceUrl !== null &&
      html`<a rel="noreferrer" href="${invoice.hostedInvoiceUrl}">${texts.open}</a>`
    }</td></tr>
`,
  )}</tbody></table>
${nextCursor !== null && html`<p><a href="/billing?cursor=${nextCursor}#invoices">${texts.older}</a></p>`}</section>`;
}
