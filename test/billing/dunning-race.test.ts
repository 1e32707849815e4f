/** Paid in the very moment a step is carried out: nothing it did stays behind. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadDunningPolicy } from '../../connector/billing/dunning/policy.ts';
import { settleTrouble } from '../../connector/billing/dunning/settle.ts';
import { planSteps } from '../../connector/billing/dunning/steps.ts';
import { createDunning } from '../../connector/billing/dunning/worker.ts';
import type { InvoiceFact } from '../../connector/billing/facts.ts';
import { createLog } from '../../connector/log.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { seedSale } from '../support/seed.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const now = () => new Date('2026-11-21T12:00:00Z');
const OPEN: InvoiceFact = {
  providerId: 'in_1',
  subscriptionProviderId: 'sub_1',
  number: 'A-2',
  status: 'open',
  billingReason: 'subscription_cycle',
  currency: 'usd',
  amountDue: 25_000,
  amountPaid: 0,
  total: 25_000,
  attemptCount: 1,
  nextPaymentAttempt: null,
  hostedInvoiceUrl: 'https://pay.example',
  invoicePdf: null,
  created: now(),
  paidAt: null,
  finalizedAt: now(),
  chargedAutomatically: true,
  amountCredited: 0,
  payments: [],
  paymentState: 'failed',
};

/** One step, due; `when` the customer's payment becomes known. */
async function race(work: { suspend?: 'access'; activity?: { summary: string } }, when: 'read' | 'activity') {
  const { subscriptionId } = await seedSale(db, { status: 'past_due' });
  await db.query("update subscriptions set access = 'provisioned' where id = $1", [subscriptionId]);
  const about = `in_${subscriptionId}`;
  const opened = new Set<string>();
  let isPaid = false;
  const paid = async () => {
    if (isPaid) return;
    isPaid = true;
    const input = { subscriptionId, about, why: 'recovered' };
    await db.tx((tx) => settleTrouble(tx, { onTransition: async () => {}, now: now() }, input));
  };
  const dunning = createDunning({
    db,
    hold: async () => {},
    policy: loadDunningPolicy(new URL('../../mappings/dunning.json', import.meta.url)),
    reads: {
      async invoice() {
        if (when === 'read') await paid();
        return { ...OPEN, providerId: about };
      },
    },
    sendMail: async () => {},
    async openActivity({ key }) {
      opened.add(key);
      if (when === 'activity') await paid();
      return true;
    },
    closeActivity: async ({ key }) => void opened.delete(key),
    guard: (_system, call) => call(),
    syncNow: async () => {},
    onTransition: async () => {},
    log: createLog({ level: 'silent' }),
    now,
  });
  const step = { work: { name: 'step', day: 0, ...work }, dueAt: now() };
  await db.tx((tx) => planSteps(tx, { subscriptionId, about, steps: [step] }));
  const job = { key: about, signal: new AbortController().signal } as Parameters<typeof dunning.handle>[0];
  while (await dunning.hasWork!(db, about)) await dunning.handle(job);
  const { rows: suspensions } = await db.query(
    'select level from suspensions where about = $1 and lifted_at is null',
    [about],
  );
  const { rows: access } = await db.query('select access from subscriptions where id = $1', [subscriptionId]);
  const { rows: steps } = await db.query('select outcome from dunning_steps where about = $1 order by id', [
    about,
  ]);
  return { opened: [...opened], suspensions, access, steps };
}

it('access is not taken from somebody who has paid meanwhile', async () => {
  expect(await race({ suspend: 'access' }, 'read')).toMatchObject({
    suspensions: [],
    access: [{ access: 'provisioned' }],
    steps: [{ outcome: { leftOut: 'recovered' } }, {}],
  });
});

it('a task opened meanwhile is closed again', async () => {
  expect(await race({ activity: { summary: 'Call' } }, 'activity')).toMatchObject({
    opened: [],
    steps: [{ outcome: { leftOut: 'recovered', activity: 'closed' } }, {}],
  });
});
