/** Step 5: everything once more, with both prices. */
import type { BillingInterval } from '../../billing/catalogue.ts';
import { countryNames } from '../../billing/countries.ts';
import { findPlan } from '../../billing/plans.ts';
import type { StakeholderRole } from '../../billing/sale.ts';
import { type Html, html } from '../html.ts';
import { money, per, unitMoney } from '../money.ts';
import type { Step } from './draft.ts';
import { form, pathOf, stepPage, type View } from './view.ts';

export function reviewPage(view: View): string {
  const { draft, texts, language } = view;
  const { organisation, project } = draft;
  const country = countryNames(language).find(({ code }) => code === organisation.country)?.name;
  const body = html`
${card(view, 'plan', priceTable(view))}
${card(
  view,
  'organisation',
  list([
    [texts.labels.name, organisation.name],
    [texts.labels.country, country],
    [texts.labels.vat_id, organisation.vat_id],
    [texts.labels.contact, `${organisation.contact_name} · ${organisation.contact_email}`],
  ]),
)}
${card(
  view,
  'project',
  list([
    [texts.labels.project_name, project.name],
    [texts.labels.code, project.code],
    [texts.labels.client, project.client],
    [texts.labels.description, project.description],
  ]),
)}
${card(
  view,
  'stakeholders',
  html`<ul class="people">${draft.stakeholders.map(
    ({ name, email, role }) =>
      html`<li><b>${name}</b> · ${texts.roles[role as StakeholderRole]}<br><span>${email}</span></li>`,
  )}</ul>`,
)}
${form(view, 'review', html``, texts.words.toPay)}`;
  return stepPage(view, 'review', body);
}

function card({ texts }: View, step: Step, content: Html): Html {
  return html`<section class="card"><div class="card-head"><h2>${texts.steps[step]}</h2><a href="${pathOf(step)}">${texts.words.change}<span class="hidden">: ${texts.steps[step]}</span></a></div>${content}</section>`;
}

function list(rows: readonly (readonly [label: string | undefined, value: string | undefined])[]): Html {
  return html`<dl>${rows
    .filter(([, value]) => value !== undefined && value.trim() !== '')
    .map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;
}

/** Set-up, recurring price and what is due today; shown on the review and beside the payment form. */
export function priceTable(view: View): Html {
  const { catalogue, draft, texts, language } = view;
  const plan = findPlan(catalogue, draft.plan)!;
  const interval = draft.interval as BillingInterval;
  const amount = (value: number) => money(value, catalogue.currency, language);
  const quantity = plan.usage === 'per_user' ? Number(draft.quantity) || draft.stakeholders.length : 1;
  const recurring = plan.prices[interval]! * quantity;
  const trial = view.trialDays > 0;
  const today = plan.setupAmount + (trial ? 0 : recurring);
  const users = plan.usage === 'per_user' && ` · ${quantity} ${texts.words.users}`;
  return html`<table class="lines"><tbody>
<tr><th scope="row">${plan.name}, ${texts.labels[interval]}${users}</th><td>${amount(recurring)} ${per(interval, language)}</td></tr>
${plan.setupAmount > 0 && html`<tr><th scope="row">${texts.words.setupOnce}</th><td>${amount(plan.setupAmount)}</td></tr>`}
${plan.metered.map((meter) => html`<tr><th scope="row">${meter.name}, ${texts.words.metered}</th><td>${unitMoney(meter.unitAmount, catalogue.currency, language)} ${texts.words.per} ${meter.unit}</td></tr>`)}
<tr><th scope="row">${trial ? texts.words.todayTrial!.replace('{days}', String(view.trialDays)) : texts.words.today}</th><td>${amount(today)}</td></tr>
</tbody></table><p class="hint">${texts.words.tax}</p>`;
}
