/** The mail that a trial ends: what it says, and what keeps nobody else waiting. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { loadCatalogue } from '../../connector/billing/plans.ts';
import { sendTrialNotices } from '../../connector/billing/trial-notices.ts';
import { ConnectorError } from '../../connector/errors.ts';
import { createLog } from '../../connector/log.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { seedSale } from '../support/seed.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.query("update subscriptions set status = 'active'"));

const NOW = new Date('2026-11-21T12:00:00Z');
const END = new Date('2026-11-23T12:00:00Z');

/** On trial until END, and the sync has said so. */
async function onTrial(change: Record<string, unknown> = {}) {
  const sale = await seedSale(db);
  for (const [column, value] of Object.entries({ status: 'trialing', trial_end: END, ...change }))
    await db.query(`update subscriptions set ${column} = $2 where id = $1`, [sale.subscriptionId, value]);
  await db.query("insert into transitions (subscription_id, kind, fact) values ($1, 'trial_will_end', $2)", [
    sale.subscriptionId,
    `trial_${END.getTime() / 1000}`,
  ]);
  return sale;
}

async function notices(refused?: string) {
  const mails: { to: { email: string }; data: Record<string, unknown> }[] = [];
  const sent = await sendTrialNotices({
    db,
    catalogue: loadCatalogue('mappings/plans.json'),
    publicUrl: 'https://connect.example',
    async sendMail(mail) {
      if (mail.to.email === refused)
        throw new ConnectorError({ kind: 'permanent', code: 'mail_refused', message: 'no such mailbox' });
      mails.push(mail);
    },
    syncNow: async () => {},
    now: () => NOW,
    log: createLog({ level: 'silent' }),
  });
  return { sent, mails };
}

it.each([
  [
    'project and plan',
    {},
    { project: 'Harbour Tower', plan: 'Starter', yearly: false, endsOn: END.toISOString() },
  ],
  [
    'the organisation, where there is no project',
    { project_id: null },
    { project: expect.stringContaining('Harbour Works') },
  ],
  ['a plan that is not sold any more by its key', { plan_key: 'founders' }, { plan: 'founders' }],
  ['that it is a year that begins', { billing_interval: 'year' }, { yearly: true }],
])('names %s', async (_name, change, data) => {
  await onTrial(change);
  expect(await notices()).toMatchObject({ sent: 1, mails: [{ data }] });
});

it('says nothing of a product that is not ours any more', async () => {
  await onTrial({ plan_key: null });
  expect(await notices()).toEqual({ sent: 0, mails: [] });
});

it('a mailbox that refuses keeps no other waiting', async () => {
  const first = await onTrial();
  const second = await onTrial();
  const address = async (organisationId: number) =>
    (
      await db.query<{ email: string }>('select contact_email as email from organisations where id = $1', [
        organisationId,
      ])
    ).rows[0]!.email;
  const { sent, mails } = await notices(await address(first.organisationId));
  expect(sent).toBe(1);
  expect(mails.map(({ to }) => to.email)).toEqual([await address(second.organisationId)]);
});
