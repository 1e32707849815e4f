/** The billing page's form for another plan, interval or number of users; it leads to the preview. */
import type { Plan } from '../../../billing/catalogue.ts';
import { inCurrency } from '../../../billing/in-currency.ts';
import { type Html, html } from '../../html.ts';
import { money, per } from '../../money.ts';
import { BILLING_TEXTS } from './texts.ts';
import type { BillingView, ShownSubscription } from './view.ts';

const CHANGEABLE: ReadonlySet<string> = new Set(['active', 'trialing']);
const INTERVALS = ['month', 'year'] as const;

export function changeForm(whole: BillingView, { row, live }: ShownSubscription): Html | false {
  const view = { ...whole, catalogue: inCurrency(whole.catalogue, row.currency) };
  const texts = BILLING_TEXTS[view.language].change;
  if (row.planKey === null || !CHANGEABLE.has(row.status) || row.cancelAt !== null || live?.updatePending)
    return false;
  const choices = view.catalogue.plans.filter(
    ({ custom, prices }) => !custom && Object.keys(prices).length > 0,
  );
  if (choices.length === 0) return false;
  const intervals = INTERVALS.filter((each) => choices.some(({ prices }) => prices[each] !== undefined));
  const perUser = choices.some(({ usage }) => usage === 'per_user');
  const { id } = row;
  return html`<details><summary>${texts.title}</summary>
<form method="post" action="/billing/change"><input type="hidden" name="subscription" value="${id}">
<div class="field"><label for="plan-${id}">${texts.choose}</label><select id="plan-${id}" name="plan_key">${choices.map(
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
  }</div>
<button type="submit">${texts.look}</button></form></details>`;
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
