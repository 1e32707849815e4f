/** The wizard's draft: exactly what the visitor typed, right or wrong. */
import type { Catalogue } from '../../billing/catalogue.ts';
import type { Offer } from '../../billing/offers.ts';
import type { OrderInput } from '../../billing/order-form.ts';
import {
  clean,
  compileCheck,
  type FieldError,
  ORDER_PROPERTIES,
  orderErrors,
} from '../../billing/order-input.ts';

export interface Draft {
  readonly plan: string;
  readonly interval: string;
  /** Left out: the catalogue's own. */
  readonly currency?: string;
  /** As typed; only asked for plans priced per user. */
  readonly quantity: string;
  readonly organisation: {
    readonly name: string;
    readonly country: string;
    readonly vat_id: string;
    readonly contact_name: string;
    readonly contact_email: string;
  };
  readonly project: {
    readonly name: string;
    readonly code: string;
    readonly description: string;
    readonly client: string;
  };
  readonly stakeholders: readonly Person[];
  /** Token of the salesperson's offer it began with: plan and price are agreed. */
  readonly offer?: string;
}

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly role: string;
}

export const EMPTY_DRAFT: Draft = {
  plan: '',
  interval: 'month',
  quantity: '',
  organisation: { name: '', country: '', vat_id: '', contact_name: '', contact_email: '' },
  project: { name: '', code: '', description: '', client: '' },
  stakeholders: [],
};

export const STEPS = ['plan', 'organisation', 'project', 'stakeholders', 'review', 'pay'] as const;
export type Step = (typeof STEPS)[number];

const check = compileCheck({
  type: 'object',
  additionalProperties: false,
  required: ['plan', 'interval', 'organisation', 'project', 'stakeholders'],
  properties: ORDER_PROPERTIES,
});

/** The draft as an order, for checking and for checkout. @param locale the visitor's language */
export function toOrderInput(draft: Draft, locale: string): OrderInput {
  const { quantity, offer: _offer, ...rest } = draft;
  const typed = quantity.trim() === '' ? {} : { quantity: Number(quantity) };
  return clean({ ...rest, ...typed, locale }) as OrderInput;
}

/** Everything wrong with the draft; one error a field. */
export function draftErrors(catalogue: Catalogue, draft: Draft, offer?: Offer): readonly FieldError[] {
  const input = toOrderInput(draft, 'en');
  const first = new Map<string, FieldError>();
  for (const error of [...check(input), ...orderErrors(catalogue, input, offer)])
    if (!first.has(error.pointer)) first.set(error.pointer, error);
  return [...first.values()];
}

const OWNER: Readonly<Record<string, Step>> = {
  plan: 'plan',
  interval: 'plan',
  currency: 'plan',
  quantity: 'plan',
  organisation: 'organisation',
  project: 'project',
  stakeholders: 'stakeholders',
};

/** Which step a field error belongs to. */
export function stepOf(error: FieldError): Step {
  return OWNER[error.pointer.split('/')[1] ?? ''] ?? 'plan';
}

/** The first step that is not yet right; `review` when all are. */
export function firstIncomplete(errors: readonly FieldError[]): Step {
  const wrong = new Set(errors.map(stepOf));
  return STEPS.find((step) => wrong.has(step)) ?? 'review';
}
