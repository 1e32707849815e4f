/** What an add-on costs, to the cent, before it is bought. */
import type { AddOnQuote } from '../../../billing/commands/addons.ts';
import { html } from '../../html.ts';
import { exactMoney, per } from '../../money.ts';
import { page } from '../../page.ts';
import { invoiceTable } from './invoice-table.ts';
import { BILLING_TEXTS } from './texts.ts';
import type { BillingView } from './view.ts';

export function addOnPreviewPage(
  view: BillingView,
  { quote, subscriptionId }: { quote: AddOnQuote; subscriptionId: number },
): string {
  const { addOns: texts, change } = BILLING_TEXTS[view.language];
  const { addOn, invoice, currency, interval, quantity, domain, asOf } = quote;
  const amount = (minor: number) => exactMoney(minor, currency, view.language);
  const each = interval === 'month' || interval === 'year' ? per(interval, view.language) : texts.once;
  const name = domain === null ? addOn.name : `${addOn.name} (${domain})`;
  const body = html`<div class="narrow billing">
<h1>${texts.previewTitle}</h1>
<p class="lead">${texts.previewLead(name)}</p>
<section class="card" id="preview">${
    invoice === null ? html`<p>${texts.later}</p>` : invoiceTable(view, invoice)
  }<p class="after">${invoice === null ? addOn.name : change.after}: ${amount(quote.unitAmount * quantity)} ${each}</p></section>
<form method="post" action="/billing/addons/confirm"><input type="hidden" name="subscription" value="${subscriptionId}"><input type="hidden" name="addon_key" value="${addOn.key}">${
    domain !== null && html`<input type="hidden" name="domain" value="${domain}">`
  }<input type="hidden" name="as_of" value="${asOf.toISOString()}">
<div class="buttons"><a class="button" href="/billing">${change.back}</a><button class="primary" type="submit">${invoice === null ? texts.confirmLater : texts.confirm}</button></div></form>
</div>`;
  return page({ title: texts.previewTitle, site: view.site, language: view.language, body });
}
