/** Coming back on the billing page, where the mails about the end lead: a new subscription of the project that was left. */
import { inCurrency } from '../../../billing/in-currency.ts';
import { type Html, html } from '../../html.ts';
import { planFields } from './plan-fields.ts';
import { BILLING_TEXTS } from './texts.ts';
import type { BillingView, ShownSubscription } from './view.ts';

/** Once for each project that nobody serves now: at the subscription that ended last. */
export function returnForm(whole: BillingView, shown: ShownSubscription): Html | false {
  const { row } = shown;
  if (!isLastOfItsProject(whole, shown)) return false;
  const view = { ...whole, catalogue: inCurrency(whole.catalogue, row.currency) };
  const texts = BILLING_TEXTS[view.language].comeBack;
  const fields = planFields(view, shown);
  if (fields === null) return false;
  return html`<details open><summary>${texts.title}</summary>
<p>${texts.text}</p>
<form method="post" action="/billing/return"><input type="hidden" name="project" value="${row.projectId}"><input type="hidden" name="after" value="${row.id}">
${fields}
<button type="submit">${texts.look}</button></form></details>`;
}

/** Somebody who never had access has nothing to come back to. */
function isLastOfItsProject({ subscriptions }: BillingView, { row }: ShownSubscription): boolean {
  if (row.projectId === null) return false;
  const same = subscriptions.filter((each) => each.row.projectId === row.projectId);
  const left = same.filter((each) => each.ended && each.row.access === 'deprovisioned');
  return same.every(({ ended }) => ended) && left[0]?.row.id === row.id;
}
