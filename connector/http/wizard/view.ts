/** What every step's page is made from: frame, stepper, error summary, fields. */
import type { Catalogue } from '../../billing/catalogue.ts';
import type { Offer } from '../../billing/offers.ts';
import type { FieldError } from '../../billing/order-input.ts';
import { fieldText, type Language } from '../field-texts.ts';
import { type Html, html } from '../html.ts';
import { page } from '../page.ts';
import { type Draft, firstIncomplete, STEPS, type Step } from './draft.ts';
import { WIZARD_TEXTS, type WizardTexts } from './texts.ts';

export const ROOT = '/services/comply';
export const pathOf = (step: Step) => (step === 'plan' ? ROOT : `${ROOT}/${step}`);

export interface View {
  /** In the draft's currency; of an offer, at the price agreed. */
  readonly catalogue: Catalogue;
  /** To choose from. */
  readonly currencies: readonly string[];
  readonly draft: Draft;
  /** All that is wrong with the draft: decides which steps may be visited. */
  readonly problems: readonly FieldError[];
  /** What to show beside the fields: empty until the step was sent. */
  readonly errors: readonly FieldError[];
  readonly language: Language;
  readonly texts: WizardTexts;
  readonly trialDays: number;
  /** What a salesperson has offered; undefined: the plans are to choose from. */
  readonly offer?: Offer | undefined;
}

export function viewOf(view: Omit<View, 'texts'>): View {
  return { ...view, texts: WIZARD_TEXTS[view.language] };
}

export function stepPage(view: View, step: Step, body: Html, scripts?: readonly string[]): string {
  const [title, lead] = view.texts.titles[step];
  return page({
    title,
    site: view.catalogue.name,
    language: view.language,
    scripts: scripts ?? ['/assets/wizard.js'],
    body: html`${stepper(view, step)}<h1>${title}</h1><p class="lead">${lead}</p>${summary(view)}${body}`,
  });
}

function stepper(view: View, current: Step): Html {
  const reach = STEPS.indexOf(firstIncomplete(view.problems));
  const at = STEPS.indexOf(current);
  return html`<nav aria-label="${view.texts.words.yourOrder}"><ol class="stepper">${STEPS.map(
    (step, index) => {
      const label = html`${index + 1}. ${view.texts.steps[step]}`;
      if (step === current) return html`<li aria-current="step"><span>${label}</span></li>`;
      const open = index <= reach && step !== 'pay';
      return html`<li${index < at && html` class="done"`}>${open ? html`<a href="${pathOf(step)}">${label}</a>` : html`<span>${label}</span>`}</li>`;
    },
  )}</ol></nav>`;
}

function summary(view: View): Html | false {
  const { errors, texts, language } = view;
  if (errors.length === 0) return false;
  return html`<div class="summary" role="alert"><h2>${texts.words.problems}</h2><ul>${errors
    .slice(0, 12)
    .map((error) => {
      const label = labelOf(view, error.pointer);
      return html`<li><a href="#${idOf(error.pointer)}">${label && html`${label}: `}${fieldText(error, language)}</a></li>`;
    })}</ul></div>`;
}

/** What the field at a pointer is called on the page: "Person 2, E-mail". */
function labelOf({ texts }: View, pointer: string): string | undefined {
  const [part, ...rest] = pointer.slice(1).split('/');
  if (part === 'stakeholders')
    return rest.length === 2
      ? `${texts.words.person} ${Number(rest[0]) + 1}, ${texts.labels[rest[1]!]}`
      : undefined;
  return texts.labels[part === 'project' && rest[0] === 'name' ? 'project_name' : (rest.at(-1) ?? part!)];
}

/** `/organisation/name` → `organisation-name`: id of the field, target of the summary's link. */
export function idOf(pointer: string): string {
  return pointer.slice(1).replaceAll('/', '-');
}

export interface Field {
  readonly pointer: string;
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly hint?: string | undefined;
  readonly optional?: boolean;
  readonly type?: 'text' | 'email' | 'number' | 'textarea';
  readonly autocomplete?: string;
  /** A list to choose from instead of typing. */
  readonly choices?: readonly (readonly [value: string, label: string])[];
}

export function field(view: View, input: Field): Html {
  const { pointer, label, hint, optional = false } = input;
  const id = idOf(pointer);
  const error = errorAt(view, pointer);
  return html`<div class="field"><label for="${id}">${label}${optional && html` <span class="optional">(${view.texts.words.optional})</span>`}</label>
${control(view, input, id, error !== false)}${error}${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}</div>`;
}

function control(view: View, input: Field, id: string, invalid: boolean): Html {
  const { name, value, type = 'text', choices, hint, autocomplete = 'off' } = input;
  const described = [invalid && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
  const first = view.errors[0]?.pointer === input.pointer;
  const common = html`id="${id}" name="${name}"${invalid && html` aria-invalid="true"`}${
    described !== '' && html` aria-describedby="${described}"`
  }${first && html` autofocus`}`;
  if (choices)
    return html`<select ${common} autocomplete="${autocomplete}"><option value="">${view.texts.words.choose}</option>${choices.map(
      ([key, text]) => html`<option value="${key}"${key === value && html` selected`}>${text}</option>`,
    )}</select>`;
  if (type === 'textarea') return html`<textarea ${common} rows="4">\n${value}</textarea>`;
  return html`<input ${common} type="${type}" value="${value}" autocomplete="${autocomplete}">`;
}

/** The error at a pointer, as the paragraph a field is described by. */
export function errorAt(view: View, pointer: string): Html | false {
  const error = view.errors.find((candidate) => candidate.pointer === pointer);
  return (
    error !== undefined &&
    html`<p class="error" id="${idOf(pointer)}-error">${fieldText(error, view.language)}</p>`
  );
}

/** Back and continue; `novalidate` leaves judging to the server, which says it in the visitor's language. */
export function form(view: View, step: Step, fields: Html, next = view.texts.words.next): Html {
  const back = STEPS[STEPS.indexOf(step) - 1];
  // The first submit button is what the Enter key presses: it must be "continue", not "remove".
  return html`<form method="post" action="${pathOf(step)}" novalidate>
<button class="hidden" name="action" value="next" tabindex="-1" aria-hidden="true">${next}</button>
${fields}
<div class="buttons">${back ? html`<a class="button" href="${pathOf(back)}">${view.texts.words.back}</a>` : html`<span></span>`}
<button class="primary" name="action" value="next">${next}</button></div>
</form>`;
}
