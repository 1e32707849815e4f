/** JSON Schemas of the billing API: what comes in is validated by them, what goes out is described by them. */
import { ORDER_PROPERTIES } from '../../billing/order-input.ts';

const organisationInput = ORDER_PROPERTIES.organisation.properties;

/** A number of ours, as text. */
export const id = { type: 'string', pattern: '^[1-9]\\d{0,14}$', 'x-code': 'id' };
const short = (maxLength: number) => ({
  type: 'string',
  maxLength,
  pattern: '^[^\\p{Cc}\\p{Cs}]*$',
  'x-code': 'characters',
});

/** What comes in. */
export const INPUT = {
  id,
  subscription: { ...id, description: 'Which subscription; left out: the only active one.' },
  cursor: {
    type: 'string',
    minLength: 1,
    maxLength: 200,
    pattern: '^[\\w-]+$',
    'x-code': 'cursor',
    description: 'The last answer’s next_cursor.',
  },
  limit: {
    type: 'string',
    pattern: '^([1-9]\\d?|100)$',
    'x-code': 'limit',
    description: '1 to 100 (default 20).',
  },
  plan_key: ORDER_PROPERTIES.plan,
  interval: ORDER_PROPERTIES.interval,
  quantity: ORDER_PROPERTIES.quantity,
  name: organisationInput.name!,
  email: organisationInput.contact_email!,
  country: organisationInput.country!,
  // As Stripe has them (promotion_codes.create, code).
  promotion_code: { type: 'string', pattern: '^[A-Za-z0-9-]{1,100}$', 'x-code': 'promotion_code' },
  feature: { type: 'string', pattern: '^[a-z][a-z0-9_]{0,39}$', 'x-code': 'feature' },
  moment: {
    type: 'string',
    pattern: '^\\d{4}-(0[1-9]|1[0-2])-([0-2]\\d|3[01])T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,6})?Z$',
    'x-code': 'at',
  },
  addon_key: { type: 'string', minLength: 1, maxLength: 40, pattern: '^[a-z0-9_]+$', 'x-code': 'addon' },
  addon_id: { type: 'string', pattern: '^\\w{3,100}$', 'x-code': 'addon' },
  invoice_id: { type: 'string', pattern: '^in_\\w{1,100}$', 'x-code': 'id' },
  // Letters, digits and hyphens, as registries have it; names in other scripts in their xn-- form (RFC 5890).
  domain: {
    type: 'string',
    maxLength: 253,
    pattern: '^([A-Za-z0-9]([A-Za-z0-9\\-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]([A-Za-z0-9\\-]{0,61}[A-Za-z0-9])$',
    'x-code': 'domain',
  },
  text: short,
} as const;

const text = { type: 'string' };
const orNull = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });
const time = { type: 'string', format: 'date-time', description: 'UTC' };
const amount = { type: 'integer', description: 'Minor units of the currency.' };
const currency = { type: 'string', pattern: '^[a-z]{3}$', description: 'ISO 4217, lower case.' };
const flag = { type: 'boolean' };
const count = { type: 'integer' };
/** Every field is always there. */
export const record = (properties: Record<string, object>) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
});
export const listOf = (schema: object) => ({ type: 'array', items: schema });
export const refTo = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const address = record({
  line1: orNull(text),
  line2: orNull(text),
  postal_code: orNull(text),
  city: orNull(text),
  state: orNull(text),
  country: orNull(text),
});

/** What goes out, by name. */
export const COMPONENTS: Readonly<Record<string, object>> = {
  Subscription: record({
    id,
    provider: text,
    provider_id: text,
    plan_key: orNull(text),
    tier: orNull(text),
    interval: orNull(text),
    quantity: count,
    currency,
    amount: { ...amount, description: 'Per interval, all items, minor units of the currency.' },
    status: { ...text, description: 'The provider’s word; an open set.' },
    access: { enum: ['none', 'provisioning', 'provisioned', 'suspended', 'deprovisioned'] },
    project: orNull(record({ id, name: text })),
    current_period_start: orNull(time),
    current_period_end: orNull(time),
    cancel_at_period_end: flag,
    cancel_at: orNull(time),
    trial_end: orNull(time),
    ended_at: orNull(time),
    payment_paused: { ...flag, description: 'No money is collected for now.' },
    scheduled_change: orNull(
      record({ plan_key: orNull(text), interval: orNull(text), quantity: count, at: time }),
    ),
    discounts: {
      ...listOf(refTo('Discount')),
      description: 'What is taken off its invoices; asked of the provider, so empty in GET summary.',
    },
    created_at: time,
  }),
  Discount: record({
    name: orNull(text),
    code: { ...orNull(text), description: 'What the customer typed; null: given by staff.' },
    percent_off: orNull({ type: 'number' }),
    amount_off: orNull(amount),
    ends_at: orNull(time),
    once: { ...flag, description: 'Of one invoice only.' },
  }),
  Grants: record({
    subscription: id,
    plan_key: { ...orNull(text), description: 'The plan whose money is there.' },
    refused: {
      enum: ['not_paid', 'suspended', 'paused', 'ended', null],
      description: 'Why nothing is granted; null: what is listed is.',
    },
    features: listOf(text),
    limits: record({ projects: orNull(count), users: orNull(count), storage_gb: orNull(count) }),
  }),
  Gate: record({
    feature: text,
    granted: flag,
    refused: { enum: ['not_in_plan', 'not_paid', 'suspended', 'paused', 'ended', null] },
  }),
  Usage: record({
    subscription: id,
    limits: listOf(
      record({
        what: { enum: ['projects', 'users'] },
        limit: { ...orNull(count), description: 'null: unlimited.' },
        used: count,
      }),
    ),
    meters: listOf(
      record({
        meter_key: text,
        name: text,
        unit: text,
        currency,
        unit_amount: { ...text, description: 'Of one unit, minor units, a decimal as text.' },
        quantity: { type: 'number' },
        from: time,
        to: time,
      }),
    ),
  }),
  Summary: record({
    organisation: record({ name: text, country: text }),
    subscriptions: listOf(refTo('Subscription')),
    amounts_due: {
      ...listOf(record({ currency, amount })),
      description: 'Open invoices, summed by currency.',
    },
  }),
  Tier: record({
    plan_key: text,
    name: text,
    description: text,
    custom: { ...flag, description: 'No fixed price: talk to us.' },
    usage: { enum: ['flat', 'per_user'] },
    currency,
    setup_amount: amount,
    prices: listOf(record({ interval: { enum: ['month', 'year'] }, amount })),
    features: listOf(text),
    limits: record({ projects: orNull(count), users: orNull(count), storage_gb: orNull(count) }),
  }),
  Invoice: record({
    provider: text,
    provider_id: text,
    subscription: orNull(id),
    number: orNull(text),
    status: { ...text, description: 'The provider’s word; an open set.' },
    currency,
    total: amount,
    amount_due: amount,
    amount_paid: amount,
    created_at: time,
    paid_at: orNull(time),
    hosted_url: orNull(text),
    pdf_url: orNull(text),
  }),
  InvoiceLine: record({
    description: orNull(text),
    amount,
    proration: flag,
    period_start: time,
    period_end: time,
  }),
  AddOn: record({
    addon_key: text,
    name: text,
    description: text,
    currency,
    prices: listOf(record({ interval: { enum: ['month', 'year'] }, amount })),
    one_time_amount: orNull(amount),
    domain_required: flag,
    repeatable: { ...flag, description: 'It can be bought more than once.' },
    compatible: { ...flag, description: 'It goes with the plan of the subscription.' },
  }),
  AddOnQuote: record({
    addon_key: text,
    name: text,
    sold: { enum: ['recurring', 'once'] },
    quantity: count,
    domain: orNull(text),
    currency,
    unit_amount: amount,
    interval: orNull(text),
    amount_due: {
      ...amount,
      description: 'Charged at once; 0 of one sold once: it stands on the next invoice.',
    },
    tax: { ...amount, description: 'Part of amount_due.' },
    as_of: { ...time, description: 'Buying with it charges exactly amount_due.' },
  }),
  OwnedAddOn: record({
    id: text,
    addon_key: text,
    name: text,
    sold: { enum: ['recurring', 'once'] },
    quantity: count,
    currency,
    unit_amount: amount,
    interval: orNull(text),
    domain: orNull(text),
  }),
  Erasure: record({
    finished: flag,
    entries: listOf({
      type: 'object',
      additionalProperties: false,
      required: ['where', 'what', 'action'],
      properties: {
        where: { enum: ['database', 'erp', 'storage', 'stripe'] },
        what: text,
        action: { enum: ['deleted', 'anonymised', 'asked', 'kept'] },
        count,
        why: text,
      },
    }),
  }),
  Plan: record({ plan_key: text, interval: text, quantity: count }),
  ChangePreview: record({
    from: refTo('Plan'),
    to: refTo('Plan'),
    when: { enum: ['now', 'period_end'] },
    effective_at: time,
    currency,
    lines: listOf(refTo('InvoiceLine')),
    subtotal: amount,
    taxes: listOf(record({ amount, inclusive: flag })),
    discount: { ...amount, description: 'Taken off by coupons; part of the total.' },
    total: amount,
    amount_due: { ...amount, description: 'Charged at once when it is confirmed, minor units.' },
    recurring_amount: { ...amount, description: 'Per interval from then on, before taxes.' },
    over_limits: {
      ...listOf(record({ what: { enum: ['projects', 'users', 'storage_gb'] }, limit: count, used: count })),
      description: 'What is there beyond the new limits; nothing is deleted.',
    },
    token: { ...text, description: 'Confirms exactly this, for half an hour.' },
    expires_at: time,
  }),
  UpcomingInvoice: record({
    currency,
    total: amount,
    discount: { ...amount, description: 'Taken off by coupons; part of the total.' },
    tax: amount,
    amount_due: amount,
    at: { ...time, description: 'When it will be made, UTC; it is charged, or sent, within the hour.' },
    lines: listOf(refTo('InvoiceLine')),
  }),
  Customer: record({
    organisation: record({ name: text, country: text, contact_name: text, contact_email: text }),
    provider: text,
    provider_id: text,
    name: orNull(text),
    email: orNull(text),
    address: orNull(address),
    tax_ids: listOf(record({ type: text, value: text })),
    payment_method: orNull(record({ brand: text, last4: text, exp_month: count, exp_year: count })),
  }),
  Problem: {
    type: 'object',
    description: 'RFC 9457',
    required: ['type', 'status', 'code', 'title'],
    properties: {
      type: text,
      status: count,
      code: { ...text, description: 'Stable; what a program decides by.' },
      title: text,
      detail: text,
      advice: text,
      request_id: text,
      errors: listOf({
        type: 'object',
        required: ['pointer', 'code', 'detail'],
        properties: { pointer: text, code: text, detail: text },
      }),
      subscriptions: listOf(record({ id, plan_key: orNull(text), project: orNull(text) })),
    },
  },
};
