/** The billing page's fields for a plan, its interval and, where a plan is priced per user, their number. */
import type { Plan } from '../../../billing/catalogue.ts';
import { type Html, html } from '../../html.ts';
import { money, per } from '../../money.ts';
import { BILLING_TEXTS } from './texts.ts';
import type { BillingView, ShownSubscription } from './view.ts';

const INTERVALS = ['month', 'year'] as const;

/**
 * What the subscription has is chosen already.
 * @param view its catalogue in the currency it is paid in
 * @returns null: nothing is sold in it
 */
export function planFields(view: BillingView, { row }: Pick<ShownSubscription, 'row'>): Html | null {
  const texts = BILLING_TEXTS[view.language].change;
  const choices = view.catalogue.plans.filter(
    ({ custom, prices }) => !custom && Object.keys(prices).length > 0,
  );
  if (choices.length === 0) return null;
  const intervals = INTERVALS.filter((each) => choices.some(({ prices }) => prices[each] !== undefined));
  const perUser = choices.some(({ usage }) => usage === 'per_user');
  const { id } = row;
  return html`<div class="field"><label for="plan-${id}">${texts.choose}</label><select id="plan-${id}" name="plan_key">${choices.map(
    (plan) =>
      html`<option value="${plan.key}"${plan.key === row.planKey && html` selected`}>${planLine(view, plan)}</option>`,
  )}</select></div>
<div class="row"><div class="field"><label for="interval-${id}">${texts.interval}</label><select id="interval-${id}" name="interval">${intervals.map(
    (each) =>
      html`<option value="${each}"${each === row.billingInterval && html` selected`}>${texts.intervals[each]}</option>`,
  )}</select></div>${
    perUser &&
    html`
<div class="field"><label for="quantity-${id}">${texts.users}</label><input id="quantity-${id}" name="quantity" type="number" min="1" max="10000" value="${row.quantity}"></div>`
  }</div>`;
}

/** `Professional: USD 500 per month, USD 5,000 per year`. */
function planLine({ catalogue, language }: BillingView, { name, prices, usage }: Plan): string {
  const each = usage === 'per_user' ? ` ${BILLING_TEXTS[language].change.perUser}` : '';
  const amounts = INTERVALS.filter((interval) => prices[interval] !== undefined).map(
    (interval) =>
      `${money(prices[interval]!, catalogue.currency, language)}${each} ${per(interval, language)}`,
  );
  return `${name}: ${amounts.join(', ')}`;
}
