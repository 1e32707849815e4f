/** What one step does, leaves out and waits for: what customer, staff and operator see of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginDunning } from '../../connector/billing/dunning/begin.ts';
import type { DunningPolicy } from '../../connector/billing/dunning/policy.ts';
import type { InvoiceFact } from '../../connector/billing/facts.ts';
import { ConnectorError, type ErrorKind } from '../../connector/errors.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { inTrouble, NOW, SHIPPED_POLICY } from './dunning-scene.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const DAY_MS = 86_400_000;
const failing = (kind: ErrorKind, retryAfterMs?: number) => async () => {
  throw new ConnectorError({
    kind,
    code: `${kind}_answer`,
    message: 'refused',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
};
const WARN = { mail: 'payment-failed', mailWhenActionRequired: 'action-required' };
const TASK = { activity: { summary: 'Call', days: 2 } };

describe('a failed payment', () => {
  const begin = (
    { subscriptionId, about }: Awaited<ReturnType<typeof inTrouble>>,
    kind: 'payment_failed' | 'payment_action_required',
    data: { attempt: number; since: Date | null },
    policy = SHIPPED_POLICY,
  ) =>
    db.tx((tx) =>
      beginDunning(
        tx,
        { policy, now: NOW },
        { id: 1, subscriptionId, kind, fact: `${about}:${data.attempt}`, data: { ...data, invoice: about } },
      ),
    );
  const planned = async (about: string) =>
    (
      await db.query<{ step: string; mail: string | null; dueAt: Date }>(
        `select step, work->>'mail' as mail, due_at as "dueAt" from dunning_steps where about = $1 order by id`,
        [about],
      )
    ).rows;
  const SHIPPED = SHIPPED_POLICY.steps.map(({ name, day }) => [name, new Date(NOW.getTime() + day * DAY_MS)]);

  it.each([
    ['not known (sent by mail, or made by hand)', null],
    ['ahead of our clock', new Date(NOW.getTime() + 60_000)],
  ])('whose first day is %s is counted from when we saw it', async (_name, since) => {
    const trouble = await inTrouble(db);
    await begin(trouble, 'payment_failed', { attempt: 1, since });
    expect((await planned(trouble.about)).map(({ step, dueAt }) => [step, dueAt])).toEqual(SHIPPED);
  });

  it('tried again plans nothing new, but each wish of the bank is passed on', async () => {
    const trouble = await inTrouble(db);
    await begin(trouble, 'payment_failed', { attempt: 1, since: NOW });
    await begin(trouble, 'payment_failed', { attempt: 2, since: NOW });
    expect(await planned(trouble.about)).toHaveLength(SHIPPED.length);
    await begin(trouble, 'payment_action_required', { attempt: 3, since: NOW });
    await begin(trouble, 'payment_action_required', { attempt: 3, since: NOW });
    expect((await planned(trouble.about)).slice(SHIPPED.length)).toEqual([
      { step: 'action_required_3', mail: 'action-required', dueAt: NOW },
    ]);
  });

  it('plans what the policy says, be it nothing', async () => {
    const trouble = await inTrouble(db);
    const policy = { ...SHIPPED_POLICY, steps: [] };
    await begin(trouble, 'payment_action_required', { attempt: 1, since: NOW }, policy);
    expect(await planned(trouble.about)).toEqual([]);
  });

  it('of somebody we cannot write to plans nothing', async () => {
    const trouble = await inTrouble(db);
    await db.query('update subscriptions set organisation_id = null where id = $1', [trouble.subscriptionId]);
    await begin(trouble, 'payment_failed', { attempt: 1, since: NOW });
    expect(await planned(trouble.about)).toEqual([]);
  });
});

describe('trouble that no longer stands at Stripe', () => {
  it.each<[string, string, Partial<InvoiceFact> | null]>([
    ['paid', 'past_due', { status: 'paid' }],
    ['void', 'past_due', { status: 'void' }],
    ['written_off', 'past_due', { status: 'uncollectible' }],
    ['invoice_gone', 'past_due', null],
    ['subscription_ended', 'canceled', {}],
  ])('%s: nobody is warned or suspended, and the customer is read anew', async (why, status, invoice) => {
    const trouble = await inTrouble(db, { status });
    await trouble.plan({ ...WARN, ...TASK }, { suspend: 'access' });
    expect(await trouble.workOff({ invoice })).toMatchObject({
      mails: [],
      activities: [],
      suspensions: [],
      synced: [trouble.customerId, trouble.customerId],
      steps: [{ outcome: { leftOut: why } }, { outcome: { leftOut: why } }],
      isDue: false,
    });
  });

  it('a bank debit under way is looked at again after six hours, with all that is due behind it', async () => {
    const trouble = await inTrouble(db);
    await trouble.plan(WARN, { suspend: 'features' });
    const retryAt = new Date(NOW.getTime() + 6 * 3_600_000);
    expect(await trouble.workOff({ invoice: { paymentState: 'processing' } })).toMatchObject({
      mails: [],
      suspensions: [],
      steps: [
        { done: false, attempts: 1, retryAt },
        { done: false, attempts: 0, retryAt },
      ],
      isDue: false,
    });
  });

  it('a job that was taken away does nothing more', async () => {
    const trouble = await inTrouble(db);
    await trouble.plan(WARN);
    expect(await trouble.workOff({ aborted: true })).toMatchObject({ mails: [], isDue: true });
  });
});

describe('a suspension', () => {
  it.each(['past_due', 'unpaid'])('comes while the subscription is %s', async (status) => {
    const trouble = await inTrouble(db, { status });
    await trouble.plan({ suspend: 'access', mail: 'suspended' });
    expect(await trouble.workOff()).toMatchObject({
      mails: [{ template: 'suspended' }],
      access: 'suspended',
      transitions: ['suspended'],
    });
  });

  it('does not come for an extra while the subscription itself is paid, nor its mail', async () => {
    const trouble = await inTrouble(db, { status: 'active' });
    await trouble.plan({ suspend: 'access', mail: 'suspended' });
    const why = 'the subscription is active';
    expect(await trouble.workOff()).toMatchObject({
      mails: [],
      access: 'provisioned',
      suspensions: [],
      steps: [{ outcome: { notSuspended: why, mail: 'left_out', mailWhy: why } }],
    });
  });

  it('asked for twice about one invoice happens once', async () => {
    const trouble = await inTrouble(db);
    await trouble.plan({ suspend: 'features' });
    expect((await trouble.workOff()).transitions).toEqual(['suspended']);
    await trouble.plan({ name: 'once_more', suspend: 'features' });
    const now = () => new Date(NOW.getTime() + DAY_MS);
    expect(await trouble.workOff({ now })).toMatchObject({
      transitions: [],
      suspensions: [{ level: 'features' }],
    });
  });
});

describe('a mail', () => {
  it.each([
    ['the bank asks, and the step has a mail for that', WARN, 'action_required', 'action-required'],
    ['the bank asks', { mail: 'last-warning' }, 'action_required', 'last-warning'],
    ['the card was refused', WARN, 'failed', 'payment-failed'],
  ] as const)('%s', async (_name, step, paymentState, template) => {
    const trouble = await inTrouble(db);
    await trouble.plan(step);
    const { mails } = await trouble.workOff({ invoice: { paymentState } });
    expect(mails.map((mail) => mail.template)).toEqual([template]);
  });

  it.each<[DunningPolicy['recoveredMail'], boolean, boolean, boolean]>([
    ['after_mail', true, false, true],
    ['after_mail', false, true, false],
    ['after_suspension', true, true, true],
    ['after_suspension', true, false, false],
    ['never', true, true, false],
  ])('that all is well, policy %s, mailed %s, suspended %s: %s', async (policy, mailed, suspended, told) => {
    const trouble = await inTrouble(db);
    await trouble.plan(mailed ? WARN : TASK, ...(suspended ? [{ suspend: 'features' as const }] : []));
    await trouble.workOff();
    await trouble.plan({ name: 'recovered', clear: true, mail: 'recovered' });
    const { mails, steps } = await trouble.workOff({
      invoice: { status: 'paid', amountPaid: 25_000 },
      policy: { recoveredMail: policy },
    });
    expect(mails.map(({ template, data }) => [template, data.amount])).toEqual(
      told ? [['recovered', 25_000]] : [],
    );
    expect(steps.at(-1)!.outcome).toEqual(
      told ? { mail: 'sent' } : { mail: 'left_out', mailWhy: 'the customer had heard nothing of it' },
    );
  });

  it('does not thank for nothing when the invoice is gone at Stripe', async () => {
    const trouble = await inTrouble(db);
    await trouble.plan(WARN);
    await trouble.workOff();
    await trouble.plan({ name: 'recovered', clear: true, mail: 'recovered' });
    const { mails, steps } = await trouble.workOff({ invoice: null });
    expect(mails).toEqual([]);
    expect(steps.at(-1)!.outcome).toEqual({ mail: 'left_out', mailWhy: 'invoice_gone' });
  });

  it('refused for good is kept on the step and holds up nothing', async () => {
    const trouble = await inTrouble(db);
    await trouble.plan({ mail: 'payment-failed' }, { suspend: 'features' });
    expect(await trouble.workOff({ sendMail: failing('permanent') })).toMatchObject({
      steps: [{ outcome: { mail: 'refused', mailWhy: 'permanent_answer' }, done: true }, { done: true }],
      suspensions: [{ level: 'features' }],
    });
  });

  it.each<[ErrorKind, number | undefined, number]>([
    ['retryable', undefined, 1_000],
    ['retryable', 90_000, 90_000],
    ['bug', undefined, 1_000],
  ])(
    'that may go later (%s, told to wait %s ms) holds up what comes after it',
    async (kind, asked, waits) => {
      const trouble = await inTrouble(db);
      await trouble.plan({ mail: 'payment-failed' }, { suspend: 'features' });
      const { steps, suspensions, log } = await trouble.workOff({ sendMail: failing(kind, asked) });
      expect(suspensions).toEqual([]);
      const retryAt = new Date(NOW.getTime() + waits);
      expect(steps).toMatchObject([
        { done: false, attempts: 1, retryAt },
        { done: false, attempts: 0, retryAt },
      ]);
      expect(JSON.parse(log.at(-1)!)).toMatchObject({
        level: kind === 'bug' ? 'error' : 'warn',
        step: 'step_0',
      });
    },
  );
});

describe('a task for staff', () => {
  it('is for a customer the ERP may not know yet', async () => {
    const trouble = await inTrouble(db);
    await trouble.plan(TASK);
    const { steps } = await trouble.workOff({ openActivity: async () => false });
    expect(steps).toMatchObject([{ outcome: { activity: 'no_record' }, done: true }]);
  });

  it('refused for good is kept on the step; refused for now it is tried again', async () => {
    const trouble = await inTrouble(db);
    await trouble.plan(TASK);
    expect((await trouble.workOff({ openActivity: failing('retryable') })).steps).toMatchObject([
      { done: false, attempts: 1 },
    ]);
    await db.query('update dunning_steps set retry_at = null where about = $1', [trouble.about]);
    expect((await trouble.workOff({ openActivity: failing('conflict') })).steps).toMatchObject([
      { outcome: { activity: 'refused' }, done: true },
    ]);
  });

  it('names customer, project, invoice, the next try and the page to pay at', async () => {
    const trouble = await inTrouble(db);
    await trouble.plan(TASK);
    const nextPaymentAttempt = new Date('2026-11-24T08:00:00Z');
    const [task] = (await trouble.workOff({ invoice: { attemptCount: 2, nextPaymentAttempt } })).activities;
    expect(task).toMatchObject({ summary: 'Call', deadline: new Date(NOW.getTime() + 2 * DAY_MS) });
    expect(task!.note).toEqual([
      expect.stringMatching(
        /^Harbour Works \d+, Harbour Tower: invoice A-2 is unpaid after 2 tries. Next try: 2026-11-24.$/,
      ),
      expect.stringContaining('Ada Contact, ada'),
      'https://invoice.stripe.com/i/x',
    ]);
  });

  it('does without a project, a number and a page', async () => {
    const trouble = await inTrouble(db);
    await db.query('update subscriptions set project_id = null where id = $1', [trouble.subscriptionId]);
    await trouble.plan(TASK);
    const [task] = (await trouble.workOff({ invoice: { number: null, hostedInvoiceUrl: null } })).activities;
    expect(task!.note).toEqual([
      expect.stringMatching(
        new RegExp(
          `^Harbour Works \\d+: invoice ${trouble.about} is unpaid after 1 tries. Next try: none: Stripe has stopped trying.$`,
        ),
      ),
      expect.stringContaining('Ada Contact, ada'),
    ]);
  });

  it('about a dispute says what it is, and is due when the evidence is', async () => {
    const trouble = await inTrouble(db, { kind: 'du' });
    const matter = 'dispute du_1 of $10.00';
    await trouble.plan({ activity: { summary: 'Send evidence' }, matter, deadline: '2026-12-01T00:00:00Z' });
    const [task] = (await trouble.workOff()).activities;
    expect(task!.deadline).toEqual(new Date('2026-12-01T00:00:00Z'));
    expect(task!.note[0]).toMatch(/Harbour Tower: dispute du_1 of \$10.00.$/);
  });
});
