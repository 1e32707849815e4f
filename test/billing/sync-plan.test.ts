import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CustomerFact, InvoiceFact, SubscriptionFact } from '../../connector/billing/facts.ts';
import { planSync } from '../../connector/billing/sync-plan.ts';
import type { KnownInvoice, KnownSubscription, SyncSetup } from '../../connector/billing/sync-setup.ts';
import { at, subscriptionFact as subscription } from '../support/subscription-fact.ts';

function invoice(change: Partial<InvoiceFact> = {}): InvoiceFact {
  return {
    providerId: 'in_1',
    subscriptionProviderId: 'sub_1',
    number: 'A-1',
    status: 'paid',
    billingReason: 'subscription_create',
    currency: 'usd',
    amountDue: 175_000,
    amountPaid: 175_000,
    total: 175_000,
    attemptCount: 1,
    nextPaymentAttempt: null,
    hostedInvoiceUrl: null,
    invoicePdf: null,
    created: at(1),
    paidAt: at(1),
    finalizedAt: at(1),
    chargedAutomatically: true,
    amountCredited: 0,
    payments: [],
    paymentState: null,
    ...change,
  };
}

const customer: CustomerFact = {
  id: 'cus_1',
  name: 'A',
  email: 'a@b.c',
  deleted: false,
  hasPaymentMethod: false,
};

function setup(change: Partial<SyncSetup> = {}): SyncSetup {
  return {
    customer,
    subscriptions: [subscription()],
    invoices: [invoice()],
    knownSubscriptions: [],
    knownInvoices: [],
    trialUsed: false,
    now: at(5),
    ...change,
  };
}

const known = (change: Partial<KnownSubscription> = {}): KnownSubscription => ({
  ...subscription(),
  id: 4,
  access: 'provisioned',
  grantedPlanKey: 'starter',
  ...change,
});

const seen = (change: Partial<KnownInvoice>): KnownInvoice => ({
  providerId: 'in_2',
  subscriptionProviderId: 'sub_1',
  billingReason: 'subscription_cycle',
  status: 'open',
  attemptCount: 1,
  paymentState: null,
  ...change,
});

const kinds = (input: SyncSetup) => planSync(input).transitions.map((each) => `${each.kind}:${each.fact}`);

describe('first payment', () => {
  it('a paid first invoice is paid and won', () => {
    expect(kinds(setup())).toEqual(['paid:first_payment', 'won:first_money', 'changed:null']);
  });

  it.each(['draft', 'open', 'void', 'uncollectible'])('an invoice that is %s starts nothing', (status) => {
    expect(kinds(setup({ invoices: [invoice({ status, amountPaid: 0 })] }))).toEqual(['changed:null']);
  });

  it('an active subscription whose invoice is unpaid (send_invoice) starts nothing', () => {
    expect(kinds(setup({ invoices: [invoice({ status: 'open', amountPaid: 0 })] }))).not.toContain(
      'paid:first_payment',
    );
  });

  it('a product we do not sell is stored and left alone', () => {
    expect(kinds(setup({ subscriptions: [subscription({ planKey: null })] }))).toEqual(['changed:null']);
  });

  it('a known plan without an order of ours is for staff', () => {
    expect(kinds(setup({ subscriptions: [subscription({ orderId: null })] }))).toEqual([
      'unordered:sub_1',
      'changed:null',
    ]);
  });

  it('ended at first sight is a record only', () => {
    const gone = subscription({ status: 'canceled', endedAt: at(2) });
    expect(kinds(setup({ subscriptions: [gone] }))).toEqual(['changed:null']);
    expect(kinds(setup({ subscriptions: [{ ...gone, orderId: null }] }))).toEqual(['changed:null']);
  });

  it('ended while being provisioned: over, and not begun again', () => {
    const gone = subscription({ status: 'canceled', endedAt: at(2) });
    const plan = kinds(setup({ subscriptions: [gone], knownSubscriptions: [known({ access: 'none' })] }));
    expect(plan).toEqual(['ended:sub_1', 'changed:null']);
  });
});

describe('trials', () => {
  const trial = subscription({ status: 'trialing', trialEnd: at(15) });
  const zero = invoice({ amountPaid: 0, amountDue: 0, total: 0 });

  it('a zero invoice counts when a card is on file, and wins nothing', () => {
    expect(kinds(setup({ subscriptions: [trial], invoices: [zero] }))).toEqual([
      'paid:first_payment',
      'changed:null',
    ]);
  });

  it('without a card it does not, nor on a second trial', () => {
    const bare = { ...trial, hasPaymentMethod: false };
    expect(kinds(setup({ subscriptions: [bare], invoices: [zero] }))).toEqual(['changed:null']);
    expect(kinds(setup({ subscriptions: [trial], invoices: [zero], trialUsed: true }))).toEqual([
      'changed:null',
    ]);
    const withCard = { ...customer, hasPaymentMethod: true };
    expect(kinds(setup({ customer: withCard, subscriptions: [bare], invoices: [zero] }))).toContain(
      'paid:first_payment',
    );
  });

  it('the first money after a trial that did not count starts everything', () => {
    const money = invoice({ providerId: 'in_2', billingReason: 'subscription_cycle', created: at(15) });
    const bare = { ...trial, status: 'active', hasPaymentMethod: false };
    expect(kinds(setup({ subscriptions: [bare], invoices: [zero, money] }))).toEqual([
      'paid:first_payment',
      'won:first_money',
      'renewed:in_2',
      'changed:null',
    ]);
  });
});

it('other money provisions nothing while the creating invoice is open', () => {
  const open = invoice({ status: 'open', amountPaid: 0 });
  const manual = invoice({ providerId: 'in_2', billingReason: 'manual', created: at(3) });
  expect(kinds(setup({ invoices: [open, manual] }))).not.toContain('paid:first_payment');
});

it('the creating invoice of a trial without a card may be older than what is read now', () => {
  const money = invoice({ providerId: 'in_2', billingReason: 'subscription_cycle', created: at(15) });
  const bare = subscription({ trialEnd: at(15), hasPaymentMethod: false });
  const zero = seen({ providerId: 'in_1', billingReason: 'subscription_create', status: 'paid' });
  expect(kinds(setup({ subscriptions: [bare], invoices: [money], knownInvoices: [zero] }))).toContain(
    'paid:first_payment',
  );
  expect(kinds(setup({ subscriptions: [bare], invoices: [money] }))).not.toContain('paid:first_payment');
});

describe('later money', () => {
  const renewal = invoice({
    providerId: 'in_2',
    billingReason: 'subscription_cycle',
    created: at(31),
    attemptCount: 1,
  });

  it('a renewal is announced once', () => {
    const input = setup({ invoices: [renewal], knownSubscriptions: [known()] });
    expect(kinds(input)).toContain('renewed:in_2');
    const knownInvoices = [seen({ status: 'paid' })];
    expect(kinds({ ...input, knownInvoices })).not.toContain('renewed:in_2');
  });

  it('each failed attempt is a fact of its own while the invoice is open', () => {
    const failed = { ...renewal, status: 'open', amountPaid: 0, paymentState: 'failed' as const };
    const input = setup({ invoices: [failed], knownSubscriptions: [known()] });
    expect(kinds(input)).toContain('payment_failed:in_2:1');
    const before = [seen({ status: 'open', paymentState: 'failed' })];
    expect(kinds({ ...input, knownInvoices: before })).not.toContain('payment_failed:in_2:1');
    expect(kinds({ ...input, invoices: [{ ...failed, attemptCount: 2 }], knownInvoices: before })).toContain(
      'payment_failed:in_2:2',
    );
    expect(kinds({ ...input, invoices: [{ ...failed, status: 'paid' }] })).not.toContain(
      'payment_failed:in_2:1',
    );
  });

  it.each([
    ['charged by itself: first tried when it was finalised', true, at(31)],
    ['sent, and paid by hand: nobody knows', false, null],
  ])('since when it has failed: %s', (_name, chargedAutomatically, since) => {
    const failed = {
      ...renewal,
      status: 'open',
      paymentState: 'failed' as const,
      finalizedAt: at(31),
      chargedAutomatically,
    };
    const { transitions } = planSync(setup({ invoices: [failed], knownSubscriptions: [known()] }));
    expect(transitions.find(({ kind }) => kind === 'payment_failed')!.data).toMatchObject({ since });
  });

  it('a bank debit on its way has not failed; it has when the bank says so, at the same attempt', () => {
    const open = { ...renewal, status: 'open', amountPaid: 0 };
    const underWay = setup({
      invoices: [{ ...open, paymentState: 'processing' as const }],
      knownSubscriptions: [known()],
    });
    expect(kinds(underWay).join()).not.toContain('payment_');
    const later = setup({
      invoices: [{ ...open, paymentState: 'failed' as const }],
      knownSubscriptions: [known()],
      knownInvoices: [seen({ paymentState: 'processing' })],
    });
    expect(kinds(later)).toContain('payment_failed:in_2:1');
  });

  it('the bank’s wish to hear from its customer is a fact of its own', () => {
    const asked = { ...renewal, status: 'open', amountPaid: 0, paymentState: 'action_required' as const };
    const input = setup({ invoices: [asked], knownSubscriptions: [known()] });
    expect(kinds(input)).toContain('payment_action_required:in_2:1');
  });

  it.each([
    ['paid', 'failed'],
    ['void', 'failed'],
    ['paid', 'action_required'],
  ] as const)('%s after %s: recovered, once seen in trouble', (status, paymentState) => {
    const input = setup({ invoices: [{ ...renewal, status }], knownSubscriptions: [known()] });
    expect(kinds({ ...input, knownInvoices: [seen({ paymentState })] })).toContain('payment_recovered:in_2');
    expect(kinds({ ...input, knownInvoices: [seen({})] })).not.toContain('payment_recovered:in_2');
    expect(kinds({ ...input, knownInvoices: [seen({ status, paymentState: null })] })).not.toContain(
      'payment_recovered:in_2',
    );
  });
});

describe('change detection', () => {
  it('nothing different, nothing planned but facts already written', () => {
    const plan = planSync(setup({ knownSubscriptions: [known()] }));
    expect(plan.subscriptions).toEqual([]);
    expect(plan.transitions.map((each) => each.kind)).toEqual(['paid', 'won']);
  });

  it.each([
    ['status', { status: 'past_due' }],
    ['plan', { planKey: 'enterprise' }],
    ['period', { currentPeriodEnd: at(60) }],
    ['cancellation', { cancelAtPeriodEnd: true }],
  ] satisfies [string, Partial<SubscriptionFact>][])('%s is mirrored', (_name, change) => {
    const plan = planSync(setup({ subscriptions: [subscription(change)], knownSubscriptions: [known()] }));
    expect(plan.subscriptions).toHaveLength(1);
    expect(plan.transitions.map((each) => each.kind)).toContain('changed');
  });
});

it('does not depend on the order in which Stripe lists things', () => {
  const invoices = [
    invoice(),
    invoice({ providerId: 'in_2', billingReason: 'subscription_cycle', created: at(31) }),
    invoice({
      providerId: 'in_3',
      billingReason: 'subscription_cycle',
      created: at(60),
      status: 'open',
      amountPaid: 0,
    }),
    invoice({ providerId: 'in_9', subscriptionProviderId: 'sub_2', created: at(3) }),
  ];
  const subscriptions = [subscription(), subscription({ providerId: 'sub_2', orderId: 18, created: at(3) })];
  const canonical = kinds(setup({ invoices, subscriptions })).sort();
  const shuffled = fc.tuple(
    fc.shuffledSubarray(invoices, { minLength: invoices.length }),
    fc.shuffledSubarray(subscriptions, { minLength: subscriptions.length }),
  );
  fc.assert(
    fc.property(shuffled, ([someInvoices, someSubscriptions]) => {
      const plan = kinds(setup({ invoices: someInvoices, subscriptions: someSubscriptions }));
      expect(plan.sort()).toEqual(canonical);
    }),
  );
});
