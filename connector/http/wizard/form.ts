/** A posted form of one step, applied to the draft. Nothing is judged here. */
import type { Draft, Person, Step } from './draft.ts';

/** What the pressed button asks for. */
export type Action =
  | { readonly kind: 'next' }
  | { readonly kind: 'add' }
  | { readonly kind: 'remove'; readonly index: number }
  /** Sent by the page's script while somebody types. */
  | { readonly kind: 'keep' };

export function actionOf(form: URLSearchParams): Action {
  const action = form.get('action') ?? '';
  if (action === 'add') return { kind: 'add' };
  if (action === 'keep') return { kind: 'keep' };
  const remove = /^remove-(\d{1,4})$/.exec(action);
  return remove ? { kind: 'remove', index: Number(remove[1]) } : { kind: 'next' };
}

export function applyForm(draft: Draft, step: Step, form: URLSearchParams): Draft {
  const text = (name: string) => form.get(name) ?? '';
  switch (step) {
    case 'plan':
      // Agreed with a salesperson: there is nothing to choose.
      if (draft.offer !== undefined) return draft;
      return { ...draft, plan: text('plan'), interval: text('interval'), quantity: text('quantity') };
    case 'organisation': {
      const organisation = {
        name: text('name'),
        country: text('country'),
        vat_id: text('vat_id'),
        contact_name: text('contact_name'),
        contact_email: text('contact_email'),
      };
      return { ...draft, organisation };
    }
    case 'project': {
      const project = {
        name: text('name'),
        code: text('code'),
        description: text('description'),
        client: text('client'),
      };
      return { ...draft, project };
    }
    case 'stakeholders':
      return { ...draft, stakeholders: people(form, actionOf(form)) };
    default:
      return draft;
  }
}

function people(form: URLSearchParams, action: Action): readonly Person[] {
  const emails = form.getAll('email');
  const roles = form.getAll('role');
  const rows = form
    .getAll('name')
    .map((name, index) => ({ name, email: emails[index] ?? '', role: roles[index] ?? '' }));
  if (action.kind === 'add') return [...rows, NOBODY];
  if (action.kind === 'remove') return rows.filter((_, index) => index !== action.index);
  if (action.kind === 'keep') return rows;
  // A row left empty is no mistake, unless it is the only one.
  const filled = rows.filter(({ name, email }) => name.trim() !== '' || email.trim() !== '');
  return filled.length > 0 ? filled : rows.slice(0, 1);
}

export const NOBODY: Person = { name: '', email: '', role: '' };
