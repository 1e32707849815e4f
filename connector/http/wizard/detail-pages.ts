/** Steps 2 and 3: organisation and project. */
import { countryNames } from '../../billing/countries.ts';
import { html } from '../html.ts';
import { type Field, field, form, stepPage, type View } from './view.ts';

type Extra = Partial<Pick<Field, 'type' | 'autocomplete' | 'optional' | 'choices'>>;

export function organisationPage(view: View): string {
  const { draft, texts, language } = view;
  const input = (name: keyof typeof draft.organisation, extra: Extra = {}) =>
    field(view, {
      pointer: `/organisation/${name}`,
      name,
      label: texts.labels[name]!,
      value: draft.organisation[name],
      hint: texts.hints[name],
      ...extra,
    });
  const choices = countryNames(language).map(({ code, name }) => [code, name] as const);
  const fields = html`<div class="card">
${input('name', { autocomplete: 'organization' })}
<div class="row">${input('country', { choices, autocomplete: 'country' })}${input('vat_id', { optional: true })}</div>
<div class="row">${input('contact_name', { autocomplete: 'name' })}${input('contact_email', { type: 'email', autocomplete: 'email' })}</div>
</div>`;
  return stepPage(view, 'organisation', form(view, 'organisation', fields));
}

export function projectPage(view: View): string {
  const { draft, texts } = view;
  const input = (name: keyof typeof draft.project, extra: Extra = {}) =>
    field(view, {
      pointer: `/project/${name}`,
      name,
      label: texts.labels[name === 'name' ? 'project_name' : name]!,
      value: draft.project[name],
      hint: texts.hints[name],
      ...extra,
    });
  const fields = html`<div class="card">
<div class="row">${input('name')}${input('code')}</div>
${input('client', { optional: true })}
${input('description', { optional: true, type: 'textarea' })}
</div>`;
  return stepPage(view, 'project', form(view, 'project', fields));
}
