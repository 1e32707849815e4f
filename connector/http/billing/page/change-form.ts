/** The billing page's form for another plan, interval or number of users; it leads to the preview. */
import { inCurrency } from '../../../billing/in-currency.ts';
import { type Html, html } from '../../html.ts';
import { planFields } from './plan-fields.ts';
import { BILLING_TEXTS } from './texts.ts';
import type { BillingView, ShownSubscription } from './view.ts';

const CHANGEABLE: ReadonlySet<string> = new Set(['active', 'trialing']);

export function changeForm(whole: BillingView, shown: ShownSubscription): Html | false {
  const { row, live } = shown;
  const view = { ...whole, catalogue: inCurrency(whole.catalogue, row.currency) };
  const texts = BILLING_TEXTS[view.language].change;
  if (row.planKey === null || !CHANGEABLE.has(row.status) || row.cancelAt !== null || live?.updatePending)
    return false;
  const fields = planFields(view, shown);
  if (fields === null) return false;
  return html`<details><summary>${texts.title}</summary>
<form method="post" action="/billing/change"><input type="hidden" name="subscription" value="${row.id}">
${fields}
<button type="submit">${texts.look}</button></form></details>`;
}
