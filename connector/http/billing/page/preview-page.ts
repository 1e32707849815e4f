/** What a change of plan costs, to the cent, before anything is changed. */
import type { ChangePreview } from '../../../billing/commands/preview-change.ts';
import { type Html, html } from '../../html.ts';
import { exactMoney, money, per } from '../../money.ts';
import { page } from '../../page.ts';
import { day, planName } from './formats.ts';
import { BILLING_TEXTS } from './texts.ts';
import type { BillingView } from './view.ts';

export function previewPage(
  view: BillingView,
  { preview, subscriptionId }: { preview: ChangePreview; subscriptionId: string },
): string {
  const { change: texts } = BILLING_TEXTS[view.language];
  const { when, effectiveAt, overLimits, token, to } = preview;
  const body = html`<div class="narrow billing">
<h1>${texts.previewTitle}</h1>
<p class="lead">${texts.previewLead(to.quantity > 1 ? `${planName(view, to.planKey)} × ${to.quantity}` : planName(view, to.planKey))}</p>
<section class="card" id="preview">${when === 'period_end' ? html`<p>${texts.later(day(view, effectiveAt))}</p>` : lines(view, preview)}
${
  overLimits.length > 0 &&
  html`<p class="hint">${texts.over}</p><ul>${overLimits.map(({ what, used, limit }) => html`<li>${texts.limits[what]}: ${used} / ${limit}</li>`)}</ul>`
}<p class="after">${texts.after}: ${money(preview.recurringAmount, preview.invoice.currency, view.language)} ${per(to.interval, view.language)}</p></section>
<form method="post" action="/billing/change/confirm"><input type="hidden" name="subscription" value="${subscriptionId}"><input type="hidden" name="token" value="${token}">
<div class="buttons"><a class="button" href="/billing">${texts.back}</a><button class="primary" type="submit">${when === 'now' ? texts.confirm : texts.confirmLater}</button></div></form>
</div>`;
  return page({ title: texts.previewTitle, site: view.site, language: view.language, body });
}

function lines(view: BillingView, { invoice }: ChangePreview): Html {
  const { change: texts } = BILLING_TEXTS[view.language];
  const amount = (minor: number) => exactMoney(minor, invoice.currency, view.language);
  const tax = invoice.taxes.filter((each) => !each.inclusive).reduce((sum, each) => sum + each.amount, 0);
  return html`<table class="lines"><tbody>${invoice.lines.map(
    (line) => html`<tr><th scope="row">${line.description}</th><td>${amount(line.amount)}</td></tr>`,
  )}${invoice.discount !== 0 && html`<tr><th scope="row">${texts.discount}</th><td>${amount(-invoice.discount)}</td></tr>`}${tax !== 0 && html`<tr><th scope="row">${texts.tax}</th><td>${amount(tax)}</td></tr>`}
<tr><th scope="row">${texts.total}</th><td>${amount(invoice.total)}</td></tr>
<tr><th scope="row">${texts.now}</th><td><strong id="amount-due" data-amount="${invoice.amountDue}">${amount(invoice.amountDue)}</strong></td></tr></tbody></table>`;
}
