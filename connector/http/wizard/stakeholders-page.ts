/** Step 4: the people, one row each; rows are added and removed by buttons that work without scripts. */
import { ROLES } from '../../billing/order-input.ts';
import { type Html, html } from '../html.ts';
import type { Draft, Person } from './draft.ts';
import { errorAt, field, form, stepPage, type View } from './view.ts';

export function stakeholdersPage(view: View): string {
  const { draft, texts } = view;
  const rows = draft.stakeholders.length > 0 ? draft.stakeholders : [proposed(draft)];
  const fields = html`<div class="card" id="stakeholders">${errorAt(view, '/stakeholders')}
${rows.map((person, index) => row(view, person, index, rows.length > 1))}
<div class="people-foot"><button name="action" value="add">+ ${texts.words.add}</button></div></div>`;
  return stepPage(view, 'stakeholders', form(view, 'stakeholders', fields));
}

/** Most often the one who orders manages the information. */
function proposed({ organisation }: Draft): Person {
  return { name: organisation.contact_name, email: organisation.contact_email, role: 'information_manager' };
}

function row(view: View, person: Person, index: number, removable: boolean): Html {
  const { texts } = view;
  const choices = ROLES.map((role) => [role, texts.roles[role]] as const);
  const input = (name: keyof Person, extra: object = {}) =>
    field(view, {
      pointer: `/stakeholders/${index}/${name}`,
      name,
      label: texts.labels[name]!,
      value: person[name],
      ...extra,
    });
  return html`<fieldset class="person"><legend class="hidden">${texts.words.person} ${index + 1}</legend>
${input('name')}${input('email', { type: 'email' })}${input('role', { choices })}
${removable && html`<button class="link remove" name="action" value="remove-${index}">${texts.words.remove}<span class="hidden"> ${texts.words.person} ${index + 1}</span></button>`}</fieldset>`;
}
