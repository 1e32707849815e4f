/** What coming back costs, before anything is bought: the plan and its set-up, as the catalogue has them. */
import type { BillingInterval, Plan } from '../../../billing/catalogue.ts';
import { html } from '../../html.ts';
import { exactMoney, money, per } from '../../money.ts';
import { page } from '../../page.ts';
import { BILLING_TEXTS } from './texts.ts';
import type { BillingView } from './view.ts';

export interface Return {
  readonly plan: Plan;
  readonly interval: BillingInterval;
  readonly quantity: number;
  /** Minor units; 0: none, or not charged again. */
  readonly setupAmount: number;
  /** As the form sent it, and sends it again. */
  readonly form: Readonly<Record<string, string>>;
}

/** Minor units, before taxes and credits. */
export const dueNow = ({ plan, interval, quantity, setupAmount }: Return): number =>
  plan.prices[interval]! * quantity + setupAmount;

/** @param view its catalogue in the currency that will be charged */
export function returnPage(view: BillingView, wanted: Return): string {
  const { plan, interval, quantity, setupAmount, form } = wanted;
  const { language } = view;
  const { currency } = view.catalogue;
  const { comeBack: texts, change } = BILLING_TEXTS[language];
  const recurring = plan.prices[interval]! * quantity;
  const due = dueNow(wanted);
  const row = (name: string, amount: number) =>
    html`<tr><th scope="row">${name}</th><td>${exactMoney(amount, currency, language)}</td></tr>`;
  const body = html`<div class="narrow billing">
<h1>${texts.title}</h1>
<p class="lead">${texts.lead}</p>
<section class="card" id="preview"><table class="lines"><tbody>${row(quantity > 1 ? `${plan.name} × ${quantity}` : plan.name, recurring)}${setupAmount > 0 && row(texts.setUp, setupAmount)}
<tr><th scope="row">${change.now}</th><td><strong id="amount-due" data-amount="${due}">${exactMoney(due, currency, language)}</strong></td></tr></tbody></table>
<p class="hint">${texts.taxes}</p>
<p class="after">${change.after}: ${money(recurring, currency, language)} ${per(interval, language)}</p></section>
<form method="post" action="/billing/return/confirm"><input type="hidden" name="due" value="${due}">${Object.entries(form).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<div class="buttons"><a class="button" href="/billing">${change.back}</a><button class="primary" type="submit">${texts.confirm}</button></div></form>
</div>`;
  return page({ title: texts.title, site: view.site, language, body });
}
