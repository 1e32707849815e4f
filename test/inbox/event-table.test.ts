import { expect, it } from 'vitest';
import { createEventTable, eventTable, registeredTypes } from '../../connector/inbox/event-table.ts';
import { modeMismatch, readEvent } from '../../connector/inbox/incoming.ts';
import { event, NEW, OLD } from './support.ts';

it('holds exactly the types the endpoint listens to, sorted, each with its reason', () => {
  expect(registeredTypes()).toEqual([
    'charge.dispute.closed',
    'charge.dispute.created',
    'charge.dispute.funds_reinstated',
    'charge.dispute.funds_withdrawn',
    'charge.dispute.updated',
    'charge.refunded',
    'checkout.session.async_payment_failed',
    'checkout.session.async_payment_succeeded',
    'checkout.session.completed',
    'checkout.session.expired',
    'credit_note.created',
    'credit_note.updated',
    'credit_note.voided',
    'customer.created',
    'customer.deleted',
    'customer.subscription.created',
    'customer.subscription.deleted',
    'customer.subscription.paused',
    'customer.subscription.pending_update_applied',
    'customer.subscription.pending_update_expired',
    'customer.subscription.resumed',
    'customer.subscription.trial_will_end',
    'customer.subscription.updated',
    'customer.updated',
    'invoice.marked_uncollectible',
    'invoice.paid',
    'invoice.payment_action_required',
    'invoice.payment_failed',
    'invoice.payment_succeeded',
    'invoice.voided',
    'invoice_payment.paid',
    'payment_method.attached',
    'payment_method.automatically_updated',
    'payment_method.detached',
    'payment_method.updated',
    'refund.created',
    'refund.failed',
    'refund.updated',
    'subscription_schedule.canceled',
    'subscription_schedule.released',
    'subscription_schedule.updated',
  ]);
  for (const entry of eventTable.entries()) expect(entry.why.length).toBeGreaterThan(20);
});

it('refuses a type registered twice and cannot be changed later', () => {
  const entry = eventTable.find('invoice.paid')!;
  expect(() => createEventTable([entry, entry])).toThrow(
    expect.objectContaining({ code: 'event_registered_twice' }),
  );
  expect(() => Object.assign(entry, { why: 'other' })).toThrow(TypeError);
  expect(() => (registeredTypes() as string[]).push('x')).toThrow(TypeError);
});

// The same facts as Stripe sends them at the two ends of the API versions we may meet (FACTS: 2024-06-20, 2026-10-28).
const shapes: Record<string, [Record<string, unknown>, Record<string, unknown>]> = {
  'invoice.paid': [
    { id: 'in_1', object: 'invoice', customer: 'cus_1', subscription: 'sub_1', paid: true, charge: 'ch_1' },
    {
      id: 'in_1',
      object: 'invoice',
      customer: { id: 'cus_1', object: 'customer' },
      parent: { type: 'subscription_details', subscription_details: { subscription: 'sub_1' } },
    },
  ],
  'customer.subscription.updated': [
    { id: 'sub_1', object: 'subscription', customer: 'cus_1', latest_invoice: 'in_1', current_period_end: 1 },
    {
      id: 'sub_1',
      object: 'subscription',
      customer: 'cus_1',
      latest_invoice: { id: 'in_1', object: 'invoice' },
      items: { data: [{ current_period_end: 1 }] },
    },
  ],
  'checkout.session.completed': [
    { id: 'cs_1', object: 'checkout.session', customer: 'cus_1', invoice: 'in_1', ui_mode: 'embedded' },
    { id: 'cs_1', object: 'checkout.session', customer: 'cus_1', invoice: 'in_1', ui_mode: 'embedded_page' },
  ],
};

it.each(Object.entries(shapes))(
  '%s gives the same lane and invoice in both payload shapes',
  (type, [old, fresh]) => {
    for (const [version, object] of [
      [OLD, old],
      [NEW, fresh],
    ] as const) {
      const raw = event(type, object, { api_version: version });
      expect(readEvent(raw, '{}')).toMatchObject({
        customer: 'cus_1',
        invoice: 'in_1',
        apiVersion: version,
        state: 'open',
        cause: null,
      });
    }
  },
);

it('finds the lane of a customer event, and no invoice', () => {
  const raw = event('customer.deleted', { id: 'cus_9', object: 'customer', deleted: true });
  expect(readEvent(raw, '{}')).toMatchObject({ customer: 'cus_9', invoice: null, objectId: 'cus_9' });
});

it('keeps unknown types, events without a customer and thin events, without work', () => {
  expect(readEvent(event('charge.succeeded', { id: 'ch_1' }), '{}')).toMatchObject({
    state: 'ignored',
    cause: 'unknown_type',
    customer: null,
    objectId: 'ch_1',
  });
  expect(readEvent(event('invoice.paid', { id: 'in_1', customer: null }), '{}')).toMatchObject({
    state: 'ignored',
    cause: 'no_customer',
  });
  const thin = {
    id: 'evt_thin',
    object: 'v2.core.event',
    type: 'v1.billing.meter.error_report_triggered',
    created: '2026-10-28T10:00:00.000Z',
    related_object: { id: 'mtr_1', type: 'billing.meter' },
  };
  expect(readEvent(thin, '{}')).toMatchObject({ state: 'ignored', cause: 'thin_event', livemode: false });
  expect(readEvent({ ...thin, livemode: true }, '{}')).toMatchObject({ livemode: true });
});

it.each([
  ['null', null],
  ['a list', []],
  ['a text', 'event'],
  ['no id', event('invoice.paid', {}, { id: undefined })],
  ['an id with NUL', event('invoice.paid', {}, { id: 'evt_\u0000' })],
  ['an endless id', event('invoice.paid', {}, { id: 'e'.repeat(300) })],
  ['a type that is no text', event('invoice.paid', {}, { type: 7 })],
  ['no mode', event('invoice.paid', {}, { livemode: undefined })],
  ['no time', event('invoice.paid', {}, { created: 'yesterday' })],
  ['a time beyond the calendar', event('invoice.paid', {}, { created: 1e15 })],
  ['another object', event('invoice.paid', {}, { object: 'invoice' })],
  ['no data', event('invoice.paid', {}, { data: undefined })],
  ['data without object', event('invoice.paid', {}, { data: { object: null } })],
  ['a thin event without time', { id: 'evt_1', type: 'v1.x', object: 'v2.core.event', created: 'no' }],
])('does not take %s for an event', (_name, raw) => {
  expect(readEvent(raw, '{}')).toBeNull();
});

it('takes no customer from something that is not an id', () => {
  for (const customer of ['cus_1; drop table events', '', 7, {}, { id: 7 }, ['cus_1'], 'c'.repeat(300)]) {
    expect(readEvent(event('invoice.paid', { id: 'in_1', customer }), '{}')).toMatchObject({
      customer: null,
    });
  }
});

it('compares the mode only where one is stated', () => {
  expect(modeMismatch({ livemode: true }, false)).toBe(true);
  expect(modeMismatch({ livemode: false }, false)).toBe(false);
  expect(modeMismatch({}, false)).toBe(false);
  expect(modeMismatch(null, false)).toBe(false);
});
