/** What a customer fills in for one order, and the one place that says what is acceptable. */

import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import type { Catalogue, Plan } from './catalogue.ts';
import { COUNTRIES } from './countries.ts';
import { currenciesOf, inCurrency } from './in-currency.ts';
import type { Offer } from './offers.ts';
import type { OrderInput } from './order-form.ts';
import { findPlan } from './plans.ts';
import { seatsOf } from './seats.ts';

/** One thing wrong, at one place. `code` is stable; texts for people are made from it. */
export interface FieldError {
  /** JSON pointer: `/organisation/name`. */
  readonly pointer: string;
  readonly code: string;
  /** Numbers the text needs. */
  readonly limit?: number;
}

export const ROLES = [
  'appointing_party',
  'lead_appointed_party',
  'appointed_party',
  'information_manager',
] as const;
/** ERP, mail and documents are made for each: more than this is a mistake or an attack. */
export const MAX_STAKEHOLDERS = 500;

// Letters of every script are welcome; control characters (CR and LF above all: mail headers) and broken surrogates are not.
const LINE = '^[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}]*$';
const line = (maxLength: number) => ({
  type: 'string',
  minLength: 1,
  maxLength,
  pattern: LINE,
  'x-code': 'characters',
});
const optionalLine = (maxLength: number) => ({ ...line(maxLength), minLength: 0 });
// The HTML standard's e-mail syntax, with at least one dot in the domain.
const email = {
  type: 'string',
  minLength: 1,
  maxLength: 254,
  pattern:
    "^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~\\-]{1,64}@([a-zA-Z0-9]([a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9])?\\.)+[a-zA-Z]([a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9])$",
  'x-code': 'email',
};
const record = (properties: Record<string, object>, optional: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});

/** JSON Schema of OrderInput's parts; POST checkout adds its own fields beside them. */
export const ORDER_PROPERTIES = {
  plan: { type: 'string', minLength: 1, maxLength: 40, pattern: '^[a-z0-9_]+$', 'x-code': 'plan' },
  interval: { enum: ['month', 'year'], 'x-code': 'interval' },
  quantity: { type: 'integer', minimum: 1, maximum: 100_000, 'x-code': 'quantity' },
  organisation: record(
    {
      name: line(200),
      country: { enum: COUNTRIES, 'x-code': 'country' },
      // Soft: what a tax number looks like differs by country; Stripe and the ERP check it in earnest.
      vat_id: {
        type: 'string',
        maxLength: 32,
        pattern: '^([A-Za-z0-9][A-Za-z0-9 ./\\-]{3,31})?$',
        'x-code': 'vat_id',
      },
      contact_name: line(200),
      contact_email: email,
    },
    ['vat_id'],
  ),
  project: record(
    {
      name: line(200),
      code: {
        type: 'string',
        minLength: 1,
        maxLength: 32,
        pattern: '^[A-Za-z0-9][A-Za-z0-9._\\-]*$',
        'x-code': 'project_code',
      },
      description: {
        type: 'string',
        maxLength: 2000,
        pattern: '^[^\\p{Cs}\\u0000-\\u0008\\u000b-\\u001f\\u007f]*$',
        'x-code': 'characters',
      },
      client: optionalLine(200),
    },
    ['description', 'client'],
  ),
  stakeholders: {
    type: 'array',
    minItems: 1,
    maxItems: MAX_STAKEHOLDERS,
    items: record({ name: line(200), email, role: { enum: ROLES, 'x-code': 'role' } }),
  },
  currency: { type: 'string', pattern: '^[a-z]{3}$', 'x-code': 'currency' },
  locale: { type: 'string', pattern: '^[a-z]{2}(-[A-Z]{2})?$', 'x-code': 'locale' },
} as const;

const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true, strictRequired: false });
ajv.addKeyword('x-code');

/** Compiles a schema made of ORDER_PROPERTIES into a function that lists what is wrong with a cleaned value. */
export function compileCheck(schema: object): (value: unknown) => FieldError[] {
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? [] : validate.errors!.map(toFieldError));
}

/** Trims and NFC-normalises every text; CRLF (as forms send it) becomes LF. Copies: the answer shares nothing with `value`. */
export function clean(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.trim().normalize('NFC').replaceAll('\r\n', '\n');
  if (typeof value !== 'object' || value === null || depth > 5) return value;
  if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clean(item, depth + 1)]));
}

/** What the schema cannot say: the plan is sold at this interval, someone manages information, nobody is listed twice. */
export function orderErrors(catalogue: Catalogue, input: OrderInput, offer?: Offer): FieldError[] {
  const errors: FieldError[] = [];
  const { currency = catalogue.currency } = input;
  if (offer === undefined && !currenciesOf(catalogue).includes(currency))
    return [{ pointer: '/currency', code: 'currency' }];
  const plan = findPlan(inCurrency(catalogue, currency), input.plan);
  if (plan === undefined) errors.push({ pointer: '/plan', code: 'plan' });
  else if (offer !== undefined) errors.push(...offerErrors(offer, input));
  else if (plan.custom) errors.push({ pointer: '/plan', code: 'plan_custom' });
  else if (plan.prices[input.interval] === undefined) errors.push({ pointer: '/interval', code: 'interval' });
  return [...errors, ...stakeholderErrors(input.stakeholders), ...seatErrors(plan, input)];
}

/** What a salesperson has offered, and nothing else: a custom plan is bought in no other way. */
function offerErrors(offer: Offer, input: OrderInput): FieldError[] {
  if (offer.planKey !== input.plan) return [{ pointer: '/plan', code: 'plan' }];
  return offer.interval === input.interval ? [] : [{ pointer: '/interval', code: 'interval' }];
}

/** Somebody without a seat would be named and get no access: said before anybody pays. */
function seatErrors(plan: Plan | undefined, input: OrderInput): FieldError[] {
  const people = input.stakeholders.length;
  const { quantity = people } = input;
  const seats = plan === undefined || !(quantity >= 1) ? null : seatsOf(plan, quantity);
  return seats === null || people <= seats ? [] : [{ pointer: '/stakeholders', code: 'seats', limit: seats }];
}

/** Rules over the whole list of stakeholders. */
export function stakeholderErrors(list: OrderInput['stakeholders']): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  list.forEach(({ email: address }, index) => {
    const key = address.toLowerCase();
    if (key !== '' && seen.has(key))
      errors.push({ pointer: `/stakeholders/${index}/email`, code: 'listed_twice' });
    seen.add(key);
  });
  if (!list.some(({ role }) => role === 'information_manager'))
    errors.push({ pointer: '/stakeholders', code: 'information_manager' });
  return errors;
}

function toFieldError(error: ErrorObject): FieldError {
  const pointer = error.instancePath;
  const params = error.params as { missingProperty?: string; additionalProperty?: string; limit?: number };
  if (error.keyword === 'required')
    return { pointer: `${pointer}/${params.missingProperty}`, code: 'required' };
  if (error.keyword === 'additionalProperties')
    return { pointer: `${pointer}/${params.additionalProperty}`, code: 'unknown_field' };
  if (error.keyword === 'minLength' || error.data === '') return { pointer, code: 'required' };
  const limit = params.limit === undefined ? {} : { limit: params.limit };
  if (error.keyword === 'maxLength') return { pointer, code: 'too_long', ...limit };
  if (error.keyword === 'maxItems') return { pointer, code: 'too_many', ...limit };
  if (error.keyword === 'minItems') return { pointer, code: 'required' };
  const own = (error.parentSchema as { 'x-code'?: string } | undefined)?.['x-code'];
  return { pointer, code: own ?? 'type' };
}
