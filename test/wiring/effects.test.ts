/** What follows a transition, in its transaction: the cases that a customer's usual life does not come to. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DunningPolicy } from '../../connector/billing/dunning/policy.ts';
import { planSteps } from '../../connector/billing/dunning/steps.ts';
import { recordTransition, type Transition } from '../../connector/billing/transitions.ts';
import { createLog } from '../../connector/log.ts';
import { createEffects } from '../../connector/wiring/effects.ts';
import { explainCustomer } from '../../connector/wiring/explain.ts';
import { pruneHistory } from '../../connector/wiring/prune-history.ts';
import { type SeededSale, seedSale } from '../support/seed.ts';
import { openSteps, type Steps } from '../support/steps.ts';

const log = createLog({ level: 'silent' });
let steps: Steps;
let sale: SeededSale;
let woken: string[];

beforeAll(async () => {
  steps = await openSteps();
});
afterAll(() => steps?.db.close());
beforeEach(async () => {
  woken = [];
  sale = await seedSale(steps.db);
});

const now = () => steps.deps.now();

/** Records the transition as a sync would, and wakes what it gives work. */
async function happens(
  kind: Transition['kind'],
  data: Record<string, unknown> = {},
  { fact = `${kind}_${sale.subscriptionId}`, policy = {} as Partial<DunningPolicy> } = {},
): Promise<void> {
  const { onTransition } = createEffects({
    crm: steps.deps.crm,
    story: {
      dashboard: 'https://dashboard.stripe.com/test',
      planName: (key) => key,
      addOnName: (key) => key,
    },
    policy: { ...steps.systems.dunningPolicy, ...policy },
    lifecycle: steps.deps.lifecycle,
    wakeDunning: (about) => woken.push(`dunning ${about}`),
    wakeRun: () => woken.push('run'),
    wakeOutbox: () => woken.push('outbox'),
    tellStaff: () => woken.push('staff'),
    now,
    log,
  });
  const { subscriptionId } = sale;
  const wake = await steps.db.tx((tx) =>
    recordTransition(tx, { subscriptionId, kind, fact, data }, onTransition),
  );
  wake?.();
}
const runs = async () =>
  (
    await steps.db.query<{ kind: string }>('select kind from runs where subscription_id = $1', [
      sale.subscriptionId,
    ])
  ).rows.map(({ kind }) => kind);
const planned = async (about: string) =>
  (
    await steps.db.query<{ step: string; work: Record<string, unknown>; open: boolean }>(
      'select step, work, done_at is null as open from dunning_steps where subscription_id = $1 and about = $2 order by id',
      [sale.subscriptionId, about],
    )
  ).rows;

describe('money that comes later', () => {
  it('than the first payment wins the opportunity by a run of its own', async () => {
    await happens('paid', { invoice: 'in_first', trial: true }, { fact: 'in_first' });
    await happens('won', { invoice: 'in_later' }, { fact: 'in_later' });
    expect(await runs()).toEqual(['provision', 'win']);
    expect(woken).toContain('run');
  });

  it('with the first payment is in the run that provisions', async () => {
    await happens('paid', { invoice: 'in_first' }, { fact: 'in_first' });
    await happens('won', { invoice: 'in_first' }, { fact: 'in_first' });
    expect(await runs()).toEqual(['provision']);
  });
});

describe('an unpaid invoice', () => {
  const about = () => `in_${sale.subscriptionId}`;
  const unpaid = () =>
    steps.db.tx((tx) =>
      planSteps(tx, {
        subscriptionId: sale.subscriptionId,
        about: about(),
        steps: [{ work: { name: 'reminder', day: 3, mail: 'reminder' }, dueAt: now() }],
      }),
    );

  it.each([
    ['paid', 'recovered', 'recovered'],
    ['voided', 'forgiven', undefined],
  ])('that is %s is settled as %s', async (how, name, mail) => {
    await unpaid();
    await happens('payment_recovered', { invoice: about(), how });
    const [reminder, settling] = await planned(about());
    expect(reminder).toMatchObject({ step: 'reminder', open: false });
    expect(settling).toMatchObject({ step: name, work: { clear: true } });
    expect(settling!.work.mail).toBe(mail);
    expect(woken).toContain(`dunning ${about()}`);
  });
});

describe('a dispute', () => {
  const dispute = (change: object = {}) => ({
    dispute: `du_${sale.subscriptionId}`,
    stage: 'chargeback',
    amount: 1_000,
    currency: 'usd',
    evidenceDueBy: null,
    ...change,
  });

  it.each([
    [null, null],
    ['2026-12-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z'],
  ])('whose evidence is due by %s is a task with that day', async (evidenceDueBy, deadline) => {
    await happens('disputed', dispute({ evidenceDueBy }));
    const [task] = await planned(`disputed_${sale.subscriptionId}`);
    expect(task!.work).toMatchObject({ deadline, matter: expect.stringContaining('$10.00') });
  });
});

describe('money given back', () => {
  const refund = { amount: 1_000, currency: 'usd', refund: 're_1' };
  const tasks = () => planned(`refunded_${sale.subscriptionId}`);

  it('is a task that names the amount, and the invoice where there is one', async () => {
    const activity = { summary: 'Refunded' };
    await happens('refunded', refund, { policy: { refunds: { made: activity } } });
    const [task] = await tasks();
    expect(task!.work.matter).toBe(`refund refunded_${sale.subscriptionId} of $10.00`);
    sale = await seedSale(steps.db);
    await happens('refunded', { ...refund, invoice: 'in_7' }, { policy: { refunds: { made: activity } } });
    expect((await tasks())[0]!.work.matter).toMatch(/of \$10\.00, invoice in_7$/);
  });

  it('asks nobody where the company’s policy has no task for it', async () => {
    await happens('refunded', refund, { policy: { refunds: {} } });
    expect(await tasks()).toEqual([]);
  });
});

describe('the end', () => {
  const served = async () => {
    const other = await seedSale(steps.db);
    await steps.db.query("update subscriptions set project_id = $2, access = 'provisioned' where id = $1", [
      other.subscriptionId,
      sale.projectId,
    ]);
  };

  it('of a subscription whose project another one serves takes nothing away', async () => {
    await steps.db.query("update subscriptions set access = 'provisioned' where id = $1", [
      sale.subscriptionId,
    ]);
    await served();
    await happens('ended');
    expect(await runs()).toEqual([]);
    expect(woken).not.toContain('run');
    const { rows } = await steps.db.query('select access from subscriptions where id = $1', [
      sale.subscriptionId,
    ]);
    expect(rows).toEqual([{ access: 'deprovisioned' }]);
  });
});

it('of a customer nobody holds nothing is explained', async () => {
  expect(await explainCustomer(steps.db, 'cus_nobody')).toBeUndefined();
  expect(await explainCustomer(steps.db, '4711')).toBeUndefined();
});

it('old login mails go, however many; what keeps a mail from going twice stays', async () => {
  const mails = (fact: string, count: number, days: number) =>
    steps.db.query(
      `insert into mails (message_id, fact, recipient, template, locale, status, created_at)
       select $1 || n || '@x', $1 || n, 'a@x.example', 'login', 'en', 'sent', $2::timestamptz
         from generate_series(1, $3::int) n`,
      [fact, new Date(now().getTime() - days * 86_400_000), count],
    );
  await mails('billing_login_old_', 2_001, 91);
  await mails('billing_login_new_', 1, 89);
  await mails('run_1_welcome_', 1, 800);
  await pruneHistory(steps.db, now());
  const { rows } = await steps.db.query<{ fact: string }>('select fact from mails order by fact');
  expect(rows.map(({ fact }) => fact)).toEqual(['billing_login_new_1', 'run_1_welcome_1']);
});
