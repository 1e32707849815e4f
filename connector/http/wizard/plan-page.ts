/** Step 1: the plan and how often it is billed. */
import type { BillingInterval, Plan } from '../../billing/catalogue.ts';
import type { Offer } from '../../billing/offers.ts';
import { type Html, html } from '../html.ts';
import { money, per } from '../money.ts';
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
function offerCard(view: View, offer: Offer): Html {
  const { catalogue, texts, language } = view;
  const plan = catalogue.plans.find(({ key }) => key === offer.planKey);
  if (plan === undefined) return html``;
  const recurring = offer.amounts?.recurring ?? plan.prices[offer.interval] ?? 0;
  const setup = offer.amounts?.setup ?? plan.setupAmount;
  const once =
    setup === 0 ? texts.words.noSetup : `+ ${money(setup, offer.currency, language)} ${texts.words.setup}`;
  return html`<div class="plans"><div class="plan" id="offer"><strong>${plan.name}</strong><span class="about">${plan.description}</span>
<span class="price">${money(recurring, offer.currency, language)} <small>${per(offer.interval, language)}</small></span><span class="setup">${once}</span>
<ul>${plan.features.map((feature) => html`<li>${feature}</li>`)}</ul></div></div>`;
}

function pricedPlan(view: View, plan: Plan): Html {
  const { catalogue, draft, texts, language } = view;
  const setup =
    plan.setupAmount === 0
      ? texts.words.noSetup
      : `+ ${money(plan.setupAmount, catalogue.currency, language)} ${texts.words.setup}`;
  return html`<label class="plan"><input type="radio" name="plan" value="${plan.key}"${draft.plan === plan.key && html` checked`}>
<strong>${plan.name}</strong><span class="about">${plan.description}</span>
${INTERVALS.map((interval) => price(view, plan, interval))}<span class="setup">${setup}</span>
<ul>${plan.features.map((feature) => html`<li>${feature}</li>`)}${plan.metered.map(
    (meter) =>
      html`<li>${meter.name}: ${unitPrice(view, meter.unitAmount)} ${texts.words.per} ${meter.unit}, ${texts.words.metered}</li>`,
  )}</ul></label>`;
}

function price({ catalogue, texts, language }: View, plan: Plan, interval: BillingInterval): Html | false {
  const amount = plan.prices[interval];
  if (amount === undefined) return false;
  // A plan sold at one interval only shows its price whichever is chosen.
  const only = Object.keys(plan.prices).length === 1;
  const users = plan.usage === 'per_user' ? `${texts.words.perUser} ` : '';
  return html`<span class="price${!only && html` for-${interval}`}">${money(amount, catalogue.currency, language)} <small>${users}${per(interval, language)}</small></span>`;
}

function unitPrice({ catalogue, language }: View, unitAmount: string): string {
  return money(Number(unitAmount), catalogue.currency, language);
}

function customPlan({ catalogue, texts }: View, plan: Plan): Html {
  return html`<div class="plan"><strong>${plan.name}</strong><span class="about">${plan.description}</span>
<span class="price"><small>${texts.words.custom}</small></span><p><a class="button" href="${catalogue.contactUrl ?? '#'}">${texts.words.talk}</a></p>
<ul>${plan.features.map((feature) => html`<li>${feature}</li>`)}</ul></div>`;
}
