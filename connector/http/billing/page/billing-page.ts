/** The billing page's HTML: plan and next date, change, means of payment, invoices, cancelling. */
import { type Html, html } from '../../html.ts';
import { exactMoney } from '../../money.ts';
import { page } from '../../page.ts';
import { addOnsCard } from './add-ons-card.ts';
import { changeForm } from './change-form.ts';
import { discountList, promotionForm } from './discounts.ts';
import { endForm } from './end-form.ts';
import { day, planName, price } from './formats.ts';
import { returnForm } from './return-form.ts';
import { BILLING_TEXTS } from './texts.ts';
import type { BillingView, ShownSubscription } from './view.ts';

export function billingPage(view: BillingView): string {
  const texts = BILLING_TEXTS[view.language];
  const { organisation, subscriptions } = view;
  const note = view.note === undefined ? undefined : texts.notes[view.note];
  const body = html`<div class="billing">
<div class="head"><div><h1>${texts.title}</h1>
<p class="lead">${organisation.name} · ${organisation.contactEmail}</p></div>
<form method="post" action="/billing/logout"><button class="link" type="submit">${texts.logout}</button></form></div>
${note !== undefined && html`<p class="note" role="status" data-note="${view.note}">${note}</p>`}
<div class="columns"><div>
${subscriptions.length === 0 && html`<section class="card"><p>${texts.none}</p><p><a class="button primary" href="/services/comply">${texts.buy}</a></p></section>`}
${subscriptions.map((shown) => subscriptionCard(view, shown))}
${invoicesCard(view)}
</div>
<div>${paymentCard(view)}</div></div>
</div>`;
  return page({ title: texts.title, site: view.site, language: view.language, body });
}

function subscriptionCard(view: BillingView, shown: ShownSubscription): Html {
  const texts = BILLING_TEXTS[view.language];
  const { row, ended, unpaid, live } = shown;
  const scheduled = live?.scheduled ?? null;
  return html`<section class="card subscription" data-subscription="${row.id}" data-status="${row.status}">
<div class="card-head"><h2>${planName(view, row.planKey)}${row.quantity > 1 && html` <small>× ${row.quantity}</small>`}</h2><span class="badge">${texts.statuses[row.status] ?? row.status}</span></div>
<dl>${row.project !== null && html`<dt>${texts.project}</dt><dd>${row.project}</dd>`}
<dt>${texts.amount}</dt><dd class="amount">${price(view, shown)}</dd>
${discountList(view, shown)}
<dt>${texts.next.label}</dt><dd class="next">${nextLine(view, shown)}</dd>
${
  scheduled !== null &&
  html`<dt>${texts.next.change}</dt><dd class="scheduled">${texts.next.changes(day(view, scheduled.at), planName(view, scheduled.planKey), scheduled.interval === 'month' || scheduled.interval === 'year' ? texts.change.intervals[scheduled.interval] : null)}
<form class="inline" method="post" action="/billing/keep-plan"><input type="hidden" name="subscription" value="${row.id}"><button class="link" type="submit">${texts.next.keep}</button></form></dd>`
}</dl>
${unpaid?.hostedInvoiceUrl != null && html`<p><a class="button primary" rel="noreferrer" href="${unpaid.hostedInvoiceUrl}">${texts.pay}</a></p>`}
${ended ? returnForm(view, shown) : html`${changeForm(view, shown)}${addOnsCard(view, shown)}${promotionForm(view, shown)}${endForm(view, shown)}`}
</section>`;
}

function nextLine(view: BillingView, shown: ShownSubscription): string {
  const { next } = BILLING_TEXTS[view.language];
  const { row, ended, live, upcoming } = shown;
  const amount = upcoming
    ? exactMoney(upcoming.amountDue, upcoming.currency, view.language)
    : price(view, shown);
  const end = row.currentPeriodEnd;
  if (ended) return next.ended(day(view, row.endedAt ?? row.created));
  const cancelAt = row.cancelAt ?? (row.cancelAtPeriodEnd ? end : null);
  if (cancelAt !== null) return next.ends(day(view, cancelAt));
  if (live?.collectionPaused === true || row.status === 'paused') return next.paused;
  if (row.status === 'trialing' && row.trialEnd !== null) return next.trial(day(view, row.trialEnd), amount);
  return end === null ? '' : next.renews(day(view, end), amount);
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
<div class="actions"><form method="post" action="/billing/portal"><input type="hidden" name="flow" value="payment_method"><button type="submit">${payment.change}</button></form>
<form method="post" action="/billing/portal"><button type="submit">${payment.details}</button></form></div></section>`;
}

function invoicesCard(view: BillingView): Html {
  const { invoices: texts } = BILLING_TEXTS[view.language];
  const { invoices, nextCursor } = view.invoices;
  if (invoices.length === 0)
    return html`<section class="card" id="invoices"><h2>${texts.title}</h2><p>${texts.none}</p></section>`;
  return html`<section class="card" id="invoices"><h2>${texts.title}</h2>
<table class="lines"><thead><tr><th scope="col">${texts.date}</th><th scope="col">${texts.number}</th><th scope="col">${texts.amount}</th><th scope="col">${texts.status}</th><th scope="col"><span class="hidden">${texts.pdf}</span></th></tr></thead><tbody>${invoices.map(
    (
      invoice,
    ) => html`<tr data-invoice="${invoice.status}"><td data-label="${texts.date}">${day(view, invoice.created)}</td><td data-label="${texts.number}">${invoice.number}</td><td data-label="${texts.amount}">${exactMoney(invoice.total, invoice.currency, view.language)}</td><td data-label="${texts.status}"><span class="badge">${texts.statuses[invoice.status] ?? invoice.status}</span></td><td>${
      invoice.invoicePdf !== null &&
      html`<a rel="noreferrer" href="${invoice.invoicePdf}" aria-label="${texts.pdf} ${invoice.number}">${texts.pdf}</a>`
    } ${
      invoice.status === 'open' &&
      invoice.hostedInvoiceUrl !== null &&
      html`<a rel="noreferrer" href="${invoice.hostedInvoiceUrl}">${texts.open}</a>`
    }</td></tr>
`,
  )}</tbody></table>
${nextCursor !== null && html`<p><a href="/billing?cursor=${nextCursor}#invoices">${texts.older}</a></p>`}</section>`;
}
