/** What a subscription's coupons take off, and the field for a promotion code. */
import type { LiveDiscount } from '../../../billing/commands/subscription-gateway.ts';
import { type Html, html } from '../../html.ts';
import { money } from '../../money.ts';
import { day } from './formats.ts';
import { BILLING_TEXTS } from './texts.ts';
import type { BillingView, ShownSubscription } from './view.ts';

/** `20 % off (FIFTH), until 21 March 2027`. */
export function discountText(view: BillingView, discount: LiveDiscount, currency: string): string {
  const texts = BILLING_TEXTS[view.language].discount;
  const { percentOff, amountOff, code, name, endsAt, once } = discount;
  const off = texts.off(
    percentOff === null ? money(amountOff ?? 0, currency, view.language) : `${percentOff} %`,
  );
  const label = code ?? name;
  const lasts = once ? texts.once : endsAt === null ? '' : texts.until(day(view, endsAt));
  return [label === null ? off : `${off} (${label})`, lasts].filter((part) => part !== '').join(', ');
}

export function promotionForm(view: BillingView, { row, live }: ShownSubscription): Html | false {
  const texts = BILLING_TEXTS[view.language].discount;
  const id = html`<input type="hidden" name="subscription" value="${row.id}">`;
  const has = (live?.discounts.length ?? 0) > 0;
  if (live === undefined || (!has && !view.catalogue.promotionCodes)) return false;
  if (has)
    return html`<form class="inline" method="post" action="/billing/discounts/remove">${id}<button class="link" type="submit">${texts.remove}</button></form>`;
  return html`<details class="promotion"><summary>${texts.title}</summary>
<form class="offer" method="post" action="/billing/promotion-code">${id}<div class="field"><label for="code-${row.id}">${texts.code}</label><input id="code-${row.id}" name="code" type="text" autocomplete="off" autocapitalize="characters" maxlength="100"></div>
<button type="submit">${texts.apply}</button></form></details>`;
}
