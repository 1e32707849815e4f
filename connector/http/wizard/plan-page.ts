/** Step 1: the plan and how often it is billed. */
import type { BillingInterval, Plan } from '../../billing/catalogue.ts';
import type { Offer } from '../../billing/offers.ts';
import { findPlan } from '../../billing/plans.ts';
import { type Html, html } from '../html.ts';
import { money, per, unitMoney } from '../money.ts';
import { errorAt, field, form, ROOT, stepPage, type View } from './view.ts';

const INTERVALS = ['month', 'year'] as const;

export function planPage(view: View): string {
  if (view.offer !== undefined)
    return stepPage(view, 'plan', form(view, 'plan', offerCard(view, view.offer)));
  const { catalogue, draft, texts } = view;
  const sold = INTERVALS.filter((interval) =>
    catalogue.plans.some((plan) => plan.prices[interval] !== undefined),
  );
  const chosen = sold.find((interval) => interval === draft.interval) ?? sold[0];
  const switcher = html`<fieldset${sold.length < 2 && html` class="hidden"`}><legend class="hidden">${texts.labels.interval}</legend>
<div class="intervals" id="interval">${sold.map(
    (interval) =>
      html`<label><input type="radio" name="interval" value="${interval}"${interval === chosen && html` checked`}>${texts.labels[interval]}</label>`,
  )}</div>${errorAt(view, '/interval')}</fieldset>`;
  const plans = html`<fieldset id="plan"><legend class="hidden">${texts.labels.plan}</legend>${errorAt(view, '/plan')}
<div class="plans">${catalogue.plans.map((plan) => (plan.custom ? customPlan(view, plan) : pricedPlan(view, plan)))}</div></fieldset>`;
  const users =
    catalogue.plans.some(({ usage }) => usage === 'per_user') &&
    html`<div class="card">${field(view, {
      pointer: '/quantity',
      name: 'quantity',
      label: texts.labels.quantity!,
      value: draft.quantity,
      hint: texts.hints.quantity,
      type: 'number',
      optional: true,
    })}</div>`;
  return stepPage(view, 'plan', form(view, 'plan', html`${currencies(view)}${switcher}${plans}${users}`));
}

function currencies({ catalogue, currencies: all, texts }: View): Html | false {
  if (all.length < 2) return false;
  return html`<nav class="currencies" aria-label="${texts.words.currency}">${all.map((each) =>
    each === catalogue.currency
      ? html`<span aria-current="true">${each.toUpperCase()}</span>`
      : html`<a href="${ROOT}?currency=${each}">${each.toUpperCase()}</a>`,
  )}</nav>`;
}

/** What was agreed with a salesperson: shown, not chosen. */
function offerCard(view: View, { planKey, interval }: Offer): Html {
  const plan = findPlan(view.catalogue, planKey);
  if (plan === undefined) return html``;
  return html`<div class="plans"><div class="plan" id="offer">${planFacts(view, plan, [interval])}</div></div>`;
}

function pricedPlan(view: View, plan: Plan): Html {
  return html`<label class="plan"><input type="radio" name="plan" value="${plan.key}"${view.draft.plan === plan.key && html` checked`}>
${planFacts(view, plan, INTERVALS)}</label>`;
}

/** @param intervals to show prices of, where it is sold by them */
function planFacts(view: View, plan: Plan, intervals: readonly BillingInterval[]): Html {
  const { catalogue, texts, language } = view;
  const sold = intervals.filter((interval) => plan.prices[interval] !== undefined);
  const setup =
    plan.setupAmount === 0
      ? texts.words.noSetup
      : `+ ${money(plan.setupAmount, catalogue.currency, language)} ${texts.words.setup}`;
  return html`<strong>${plan.name}</strong><span class="about">${plan.description}</span>
${sold.map((interval) => price(view, plan, { interval, only: sold.length === 1 }))}<span class="setup">${setup}</span>
<ul>${plan.features.map((feature) => html`<li>${feature}</li>`)}${plan.metered.map(
    (meter) =>
      html`<li>${meter.name}: ${unitPrice(view, meter.unitAmount)} ${texts.words.per} ${meter.unit}, ${texts.words.metered}</li>`,
  )}</ul>`;
}

/** @param of.only shown whichever interval is chosen */
function price(
  { catalogue, texts, language }: View,
  plan: Plan,
  { interval, only }: { interval: BillingInterval; only: boolean },
): Html {
  const users = plan.usage === 'per_user' ? `${texts.words.perUser} ` : '';
  return html`<span class="price${!only && html` for-${interval}`}">${money(plan.prices[interval]!, catalogue.currency, language)} <small>${users}${per(interval, language)}</small></span>`;
}

function unitPrice({ catalogue, language }: View, unitAmount: string): string {
  return unitMoney(unitAmount, catalogue.currency, language);
}

function customPlan({ catalogue, texts }: View, plan: Plan): Html {
  return html`<div class="plan"><strong>${plan.name}</strong><span class="about">${plan.description}</span>
<span class="price"><small>${texts.words.custom}</small></span><p><a class="button" href="${catalogue.contactUrl}">${texts.words.talk}</a></p>
<ul>${plan.features.map((feature) => html`<li>${feature}</li>`)}</ul></div>`;
}
