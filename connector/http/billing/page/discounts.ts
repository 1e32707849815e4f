/** What a subscription's coupons take off, and the field for a promotion code. */
import type { LiveDiscount } from '../../../billing/commands/subscription-gateway.ts';
import { type Html, html } from '../../html.ts';
import { money } from '../../money.ts';
import { day } from './formats.ts';
import { BILLING_TEXTS } from './texts.ts';
import type { BillingView, ShownSubscription } from './view.ts';

/** All of them go by one button: the provider is asked to take off nothing any more. */
export function discountList(view: BillingView, { row, live, ended }: ShownSubscription): Html | false {
  const discounts = live?.discounts ?? [];
  if (discounts.length === 0) return false;
  const { label, remove } = BILLING_TEXTS[view.language].discount;
  return html`<dt>${label}</dt>${discounts.map(
    (each) => html`<dd class="discount">${discountText(view, each, row.currency)}</dd>`,
  )}${
    !ended &&
    html`<dd><form class="inline" method="post" action="/billing/discounts/remove"><input type="hidden" name="subscription" value="${row.id}"><button class="link" type="submit">${remove}</button></form></dd>`
  }`;
}

/** `20 % off (FIFTH), until 21 March 2027`. */
function discountText(view: BillingView, discount: LiveDiscount, currency: string): string {
  const texts = BILLING_TEXTS[view.language].discount;
  const { percentOff, amountOff, code, name, endsAt, once } = discount;
  const percent = new Intl.NumberFormat(view.language);
  const off = texts.off(
    amountOff === null ? `${percent.format(percentOff!)} %` : money(amountOff, currency, view.language),
  );
  const label = code ?? name;
  const lasts = once ? texts.once : endsAt === null ? '' : texts.until(day(view, endsAt));
  return [label === null ? off : `${off} (${label})`, lasts].filter((part) => part !== '').join(', ');
}

/** A second code would take the place of the first. */
export function promotionForm(view: BillingView, { row, live }: ShownSubscription): Html | false {
  if (live === undefined || live.discounts.length > 0 || !view.catalogue.promotionCodes) return false;
  const texts = BILLING_TEXTS[view.language].discount;
  return html`<details class="promotion"><summary>${texts.title}</summary>
<form class="offer" method="post" action="/billing/promotion-code"><input type="hidden" name="subscription" value="${row.id}"><div class="field"><label for="code-${row.id}">${texts.code}</label><input id="code-${row.id}" name="code" type="text" autocomplete="off" autocapitalize="characters" maxlength="100"></div>
<button type="submit">${texts.apply}</button></form></details>`;
}
