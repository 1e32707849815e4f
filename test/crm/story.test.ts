import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TransitionKind } from '../../connector/billing/planned-transition.ts';
import { tell } from '../../connector/crm/story.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type SeededSale, seedSale } from '../support/seed.ts';

let db: TestDatabase;
let sale: SeededSale;
let invoice: string;
let id = 0;
const setting = {
  dashboard: 'https://dashboard.stripe.com/test',
  planName: (key: string) => (key === 'starter' ? 'Starter <S>' : 'Professional'),
  addOnName: (key: string) => (key === 'email_5' ? 'E-mail pack 5' : 'Custom domain'),
};

beforeAll(async () => {
  db = await openTestDatabase();
  sale = await seedSale(db);
  invoice = sale.customerId.replace('cus', 'in');
});
afterAll(() => db.close());

/** The note's text, without its tags. */
async function said(
  kind: TransitionKind,
  fact: string,
  data: Record<string, unknown> = {},
  subscriptionId = sale.subscriptionId,
): Promise<string | undefined> {
  id += 1;
  const note = await tell(db, setting, { id, subscriptionId, kind, fact, data });
  return note?.html.replace(/<[^>]+>/g, '');
}

it('each turn is a sentence with its money and its dates', async () => {
  const money = { invoice, currency: 'usd', amount: 25_000, attempt: 2 };
  const turns: [TransitionKind, string, Record<string, unknown>, RegExp][] = [
    [
      'paid',
      'first_payment',
      { invoice },
      /^Paid: \$1,750\.00, invoice A-\d+\. Plan Starter &lt;S&gt;, by the month, until 2026-12-01\./,
    ],
    ['paid', 'first_payment', { invoice, trial: true }, /^Trial begun: Plan Starter/],
    ['renewed', invoice, { amount: 25_000 }, /^Renewed: \$250\.00/],
    ['payment_failed', `${invoice}:2`, money, /^Payment failed, attempt 2: \$1,750\.00/],
    ['payment_recovered', invoice, { ...money, how: 'paid' }, /^Payment recovered: \$250\.00/],
    ['payment_recovered', invoice, { ...money, how: 'void', amount: 0 }, /^Payment forgiven.*void/],
    [
      'addons_changed',
      'v7',
      {
        added: [
          { addOnKey: 'email_5', domain: null, quantity: 2 },
          { addOnKey: 'custom_domain', domain: 'bridge.example', quantity: 1 },
        ],
        removed: [],
      },
      /^Add-ons: added 2 × E-mail pack 5, Custom domain \(bridge\.example\)\.Open/,
    ],
    [
      'addons_changed',
      'v8',
      { added: [], removed: [{ addOnKey: 'email_5', domain: null, quantity: 1 }] },
      /^Add-ons: removed E-mail pack 5\./,
    ],
    [
      'refunded',
      're_1',
      { ...money, reason: 'requested_by_customer' },
      /^Refunded: \$250\.00.*requested by customer/,
    ],
    [
      'disputed',
      'dp_1',
      { ...money, evidenceDueBy: '2026-12-05T00:00:00Z' },
      /^Payment disputed.*2026-12-05/,
    ],
    [
      'plan_changed',
      'v2',
      { from: 'starter', to: 'pro' },
      /^Plan changed: from Starter &lt;S&gt; to Professional/,
    ],
    ['cancel_scheduled', 'v3', { at: new Date('2026-12-01T00:00:00Z') }, /^Cancelled, ends on 2026-12-01/],
    ['cancel_revoked', 'v4', {}, /^Reactivated/],
    ['ended', 'sub_1', { status: 'canceled' }, /^Ended \(cancelled\)/],
    ['ended', 'sub_1', { status: 'unpaid' }, /^Ended \(unpaid\)/],
    // The first amount above zero, where the subscription did not begin with one.
    ['won', 'first_money', { invoice }, /^First payment after the trial: \$1,750\.00, invoice A-/],
    ['disputed', 'dp_1', { ...money, stage: 'inquiry' }, /^Bank asks about a payment: \$250\.00/],
    // Of a payment whose invoice we never saw: what the fact itself knows.
    ['disputed', 'dp_2', { currency: 'usd', amount: 9_900 }, /^Payment disputed: \$99\.00\. Open/],
    ['renewed', 'in_elsewhere', { currency: 'usd', amount: 9_900 }, /^Renewed: \$99\.00\. Plan Starter/],
    ['refunded', 're_2', {}, /^Refunded\. Open/],
  ];
  for (const [kind, fact, data, wanted] of turns) {
    const text = await said(kind, fact, data);
    expect(text, kind).toMatch(wanted);
    expect(text).toMatch(/Open in Stripe$/);
  }
});

it('links lead to Stripe’s Dashboard and to the invoice', async () => {
  await db.query(
    "update invoices set hosted_invoice_url = 'https://pay.example/i?a=1&b=2' where provider_id = $1",
    [invoice],
  );
  const note = await tell(db, setting, {
    id: 900,
    subscriptionId: sale.subscriptionId,
    kind: 'paid',
    fact: 'first_payment',
    data: { invoice },
  });
  expect(note).toMatchObject({ key: 'transition_900', orderId: sale.orderId });
  expect(note!.html).toContain('href="https://pay.example/i?a=1&amp;b=2"');
  expect(note!.html).toContain('href="https://dashboard.stripe.com/test/subscriptions/sub_seed');
});

it('an invoice without a number goes by Stripe’s, with a page of its own or without; a plan without an interval by its name', async () => {
  const bare = await seedSale(db);
  const its = bare.customerId.replace('cus', 'in');
  await db.query('update invoices set number = null where provider_id = $1', [its]);
  await db.query('update subscriptions set billing_interval = null where id = $1', [bare.subscriptionId]);
  const tells = () => said('renewed', its, {}, bare.subscriptionId);
  const wanted = `Renewed: $1,750.00, invoice ${its}. Plan Starter &lt;S&gt;, until 2026-12-01.Open in Stripe`;
  expect(await tells()).toBe(wanted);
  await db.query("update invoices set hosted_invoice_url = 'https://pay.example/i' where provider_id = $1", [
    its,
  ]);
  expect(await tells()).toBe(wanted);
});

it('a failed payment is told with its invoice, or not at all: nobody could act on it', async () => {
  expect(await said('payment_failed', 'in_elsewhere:1', { attempt: 1 })).toBeUndefined();
  expect(await said('payment_action_required', 'in_elsewhere:1', { attempt: 1 })).toBeUndefined();
});

it('the first money is told once, a recovered renewal too, and what nobody sold not at all', async () => {
  await db.query(
    `insert into transitions (subscription_id, kind, fact, data) values
       ($1, 'paid', 'first_payment', jsonb_build_object('invoice', $2::text)), ($1, 'payment_failed', $2 || ':1', '{}')`,
    [sale.subscriptionId, invoice],
  );
  expect(await said('won', 'first_money', { invoice })).toBeUndefined();
  expect(await said('renewed', invoice, { amount: 25_000 })).toBeUndefined();
  expect(await said('changed', 'v5')).toBeUndefined();
  await db.query('update subscriptions set plan_key = null where id = $1', [sale.subscriptionId]);
  expect(await said('ended', 'sub_1', { status: 'canceled' })).toBeUndefined();
});
