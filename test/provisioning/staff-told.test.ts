/** What staff read in the ERP of what needs a person, and where they read it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readSale } from '../../connector/billing/read-sale.ts';
import { createLog } from '../../connector/log.ts';
import { announceAccess } from '../../connector/provisioning/access/announce.ts';
import { acceptAccess } from '../../connector/provisioning/access/rows.ts';
import { settleSubscription } from '../../connector/provisioning/access/settle.ts';
import { announceDrifts } from '../../connector/provisioning/announce-drifts.ts';
import { announceAttention } from '../../connector/provisioning/attention.ts';
import type { RunRow } from '../../connector/provisioning/ledger.ts';
import { recoveredNote, stoppedNote } from '../../connector/provisioning/run-notes.ts';
import { announceUnordered } from '../../connector/provisioning/unordered.ts';
import { type SeededSale, seedRun, seedSale } from '../support/seed.ts';
import { openSteps, type Steps } from '../support/steps.ts';

const log = createLog({ level: 'silent' });
const guard = <T>(call: () => Promise<T>): Promise<T> => call();
let steps: Steps;
let sale: SeededSale;

beforeAll(async () => {
  steps = await openSteps();
});
afterAll(() => steps?.db.close());
beforeEach(async () => {
  sale = await seedSale(steps.db);
});

const told = () => ({ db: steps.db, crm: steps.deps.crm, log, guard });
const saleOf = ({ subscriptionId }: SeededSale) =>
  readSale(steps.db, { subscriptionId, catalogue: steps.deps.catalogue });
const activities = (model: string, resId: number) =>
  steps.world.systems.odoo
    .records('mail.activity')
    .filter((each) => each.res_model === model && each.res_id === resId)
    .map((each) => ({ summary: String(each.summary), note: String(each.note) }));
const allActivities = () => steps.world.systems.odoo.records('mail.activity').length;
const inErp = async () => steps.deps.crm.ensurePartners(await saleOf(sale));
const wonInErp = async () => {
  const { companyId } = await inErp();
  return steps.deps.crm.ensureOpportunityWon(await saleOf(sale), { companyId });
};
const result = (runId: string, name: string, value: object) =>
  steps.db.query("insert into steps (run_id, name, status, result) values ($1, $2, 'done', $3::jsonb)", [
    runId,
    name,
    JSON.stringify(value),
  ]);

describe('a run that stopped', () => {
  async function stopped(cause: object | null): Promise<string> {
    const runId = await seedRun(steps.db, sale.subscriptionId);
    await steps.db.query("update runs set status = 'needs_attention', cause = $2::jsonb where id = $1", [
      runId,
      cause === null ? null : JSON.stringify(cause),
    ]);
    return runId;
  }
  const announcedAt = async (runId: string) =>
    (await steps.db.query<{ at: Date | null }>('select announced_at as at from runs where id = $1', [runId]))
      .rows[0]!.at;

  it('before the opportunity was made is told on the company, and taken back once it goes on', async () => {
    const runId = await stopped({ step: 'opportunity', message: 'no stage', advice: 'Add a stage.' });
    const { companyId } = await inErp();
    await announceAttention(told());
    expect(activities('res.partner', companyId)).toEqual([
      {
        summary: 'Provisioning stopped at “Order recorded”',
        note: expect.stringMatching(/no stage[\s\S]*Add a stage\.[\s\S]*runs retry/),
      },
    ]);
    await steps.db.query("update runs set status = 'running' where id = $1", [runId]);
    await announceAttention(told());
    expect(activities('res.partner', companyId)).toEqual([]);
    expect(await announcedAt(runId)).toBeNull();
  });

  it('of another kind is told on the opportunity of the sale', async () => {
    const runId = await stopped({ step: 'storage_key_read_only', message: 'refused' });
    await steps.db.query("update runs set kind = 'deprovision' where id = $1", [runId]);
    const { opportunityId } = await wonInErp();
    await announceAttention(told());
    expect(activities('crm.lead', opportunityId)).toEqual([
      {
        summary: expect.stringMatching(/^Run “deprovision” stopped at “(?!unknown)[^”]+”$/),
        note: expect.stringContaining(`runs retry ${runId}`),
      },
    ]);
    expect(await announcedAt(runId)).not.toBeNull();
  });

  it('with no step to name says so, and how to go on', async () => {
    const runId = await stopped(null);
    const { companyId } = await inErp();
    await announceAttention(told());
    const [activity] = activities('res.partner', companyId);
    expect(activity!.summary).toBe('Provisioning stopped at “unknown step”');
    expect(activity!.note).toContain(`runs retry ${runId}`);
  });

  it('before the ERP had any record of the customer is told nowhere, and counts as not told', async () => {
    const runId = await stopped({ step: 'partner', message: 'refused' });
    const before = allActivities();
    await announceAttention(told());
    expect(allActivities()).toBe(before);
    expect(await announcedAt(runId)).toBeNull();
  });

  const runOf = (id: string): RunRow => ({
    id,
    kind: 'provision',
    subscriptionId: sale.subscriptionId,
    status: 'running',
    startedAt: null,
    requestId: null,
  });

  it('is told in the chatter by its step’s title, or as of an unknown step', async () => {
    const runId = await stopped(null);
    const note = (cause: Parameters<typeof stoppedNote>[2]) =>
      steps.db.tx((tx) => stoppedNote(tx, runOf(runId), cause));
    const first = await note({ step: 'bucket', message: 'no <room>', advice: null });
    expect(first.html).toMatch(/^<p><b>Failed at “[^”]+”<\/b> \(bucket, run “provision”\)<\/p>/);
    expect(first.html).toContain('no &lt;room&gt;');
    const second = await note({ step: null });
    expect(second.html).toContain('<b>Failed at “unknown step”</b> (?, run “provision”)');
    expect([first.key, second.key]).toEqual([`run_${runId}_stopped_1`, `run_${runId}_stopped_2`]);
    const recovered = await steps.db.tx((tx) => recoveredNote(tx, runOf(runId)));
    expect(recovered!.html).toContain('after it had stopped 2 times');
  });
});

describe('people without access', () => {
  async function waiting(outcome: string, reason: string | null): Promise<number> {
    const { opportunityId } = await wonInErp();
    const runId = await seedRun(steps.db, sale.subscriptionId);
    await result(runId, 'opportunity', { opportunityId });
    await steps.db.query(
      'insert into portal_access (stakeholder_id, subscription_id, outcome, reason) values ($1, $2, $3, $4)',
      [sale.stakeholderIds[0], sale.subscriptionId, outcome, reason],
    );
    await announceAccess(told());
    return opportunityId;
  }

  it.each([
    ['over_limit', 'seats_10', 'the plan has 10 seats'],
    ['over_limit', null, 'the plan has no more seats'],
    ['needs_staff', 'several_portal_users', 'several portal users have this address: keep one'],
    ['needs_staff', 'something_new', 'something_new'],
    ['needs_staff', null, 'needs_staff'],
  ])('%s because of %s: staff read “%s”', async (outcome, reason, expected) => {
    const opportunityId = await waiting(outcome, reason);
    const [activity] = activities('crm.lead', opportunityId);
    expect(activity!.summary).toBe('1 stakeholder(s) have no access yet');
    expect(activity!.note).toMatch(new RegExp(`<li>ines\\d+@harbour\\.example: ${expected}`));
  });

  const settle = () => settleSubscription(steps.deps, sale.subscriptionId);
  const notesOf = async () =>
    (
      await steps.db.query('select 1 from erp_notes where starts_with(external_id, $1) and html like $2', [
        `stripe_connector.order_${sale.orderId}_`,
        '%Access given%',
      ])
    ).rowCount;

  it('are let in once, and nobody is told or written to again', async () => {
    await inErp();
    expect(await settle()).toBe(2);
    const [notes, mails] = [await notesOf(), steps.world.systems.mail.count()];
    expect(notes).toBe(1);
    expect(await settle()).toBe(0);
    expect([await notesOf(), steps.world.systems.mail.count()]).toEqual([notes, mails]);
  });

  it('are let in whatever their number, under a plan nobody describes any more', async () => {
    await steps.db.query("update subscriptions set plan_key = 'withdrawn' where id = $1", [
      sale.subscriptionId,
    ]);
    const people = Array.from({ length: 11 }, (_, position) => ({
      name: `Person ${position}`,
      email: `person${position}@withdrawn.example`,
      role: 'appointed_party',
    }));
    for (const [position, { name, email, role }] of people.entries())
      await steps.db.query(
        'insert into stakeholders (project_id, position, name, email, role) values ($1, $2, $3, $4, $5)',
        [sale.projectId, 10 + position, name, email, role],
      );
    await inErp();
    expect(await settle()).toBe(13);
  });

  it('whose user is another customer’s are asked, not let in', async () => {
    await inErp();
    await settle();
    const shared = (await saleOf(sale)).stakeholders[0]!.email;
    const people = [{ name: 'Ines Manager', email: shared, role: 'information_manager' }];
    sale = await seedSale(steps.db, { stakeholders: people });
    await inErp();
    expect(await settle()).toBe(0);
    const mail = (await steps.world.systems.mail.to(shared)).at(-1)!;
    expect(mail.text).toContain('/acceptance/');
    const { rows } = await steps.db.query('select outcome from portal_access where subscription_id = $1', [
      sale.subscriptionId,
    ]);
    expect(rows).toEqual([{ outcome: 'needs_acceptance' }]);
  });

  it('who agreed come back with a user that went with the other customer’s end', async () => {
    await inErp();
    await settle();
    const shared = (await saleOf(sale)).stakeholders[0]!.email;
    const [host, people] = [sale, [{ name: 'Ines Manager', email: shared, role: 'information_manager' }]];
    sale = await seedSale(steps.db, { stakeholders: people });
    await inErp();
    await settle();
    await acceptAccess(steps.db, { stakeholderId: sale.stakeholderIds[0]!, now: steps.deps.now() });
    const { crm } = steps.deps;
    const partnerIds = await crm.contactsOf({ organisationId: host.organisationId, emails: [shared] });
    await crm.changePortalAccess({ partnerIds, change: 'archive' });
    const active = () => steps.world.systems.odoo.find('res.users', (user) => user.login === shared)?.active;
    expect(active()).toBe(false);
    expect(await settle()).toBe(1);
    expect(active()).toBe(true);
  });
});

describe('a finding of the slow pass', () => {
  async function found(subject: string): Promise<void> {
    await steps.db.query(
      `with pass as (insert into sync_passes (kind, dry_run, started_at) values ('full', false, now()) returning id)
       insert into drifts (kind, subject, customer_id, severity, healed, first_seen, last_seen, pass_id)
       select 'subscription_unknown', $1, $2, 'warning', false, now(), now(), id from pass`,
      [subject, sale.customerId],
    );
    await announceDrifts(told());
  }
  const announced = async (subject: string) =>
    (
      await steps.db.query<{ at: Date | null }>('select announced_at as at from drifts where subject = $1', [
        subject,
      ])
    ).rows[0]!.at !== null;

  it('is told on the customer’s company', async () => {
    const { companyId } = await inErp();
    await found('sub_elsewhere1');
    expect(activities('res.partner', companyId)).toMatchObject([
      { summary: 'Stripe has a subscription that is not recorded here' },
    ]);
    expect(await announced('sub_elsewhere1')).toBe(true);
  });

  it.each([
    ['is not one of ours', () => 'sub_elsewhere2'],
    ['has no record there either', () => sale.customerId.replace('cus', 'sub')],
  ])('waits while the ERP knows nothing of the customer, and the subscription %s', async (_what, subject) => {
    const before = allActivities();
    await found(subject());
    expect(allActivities()).toBe(before);
    expect(await announced(subject())).toBe(false);
  });
});

it('a subscription without an order of a customer without a name is told by the customer’s id', async () => {
  await steps.db.query('update subscriptions set order_id = null where id = $1', [sale.subscriptionId]);
  await steps.db.query(
    "insert into transitions (subscription_id, kind, fact) values ($1, 'unordered', 'sub_x')",
    [sale.subscriptionId],
  );
  await announceUnordered(told());
  const record = steps.world.systems.odoo.find(
    'x_stripe_subscription',
    (each) => each.x_stripe_id === sale.customerId.replace('cus', 'sub'),
  );
  expect(activities('x_stripe_subscription', record!.id)).toEqual([
    {
      summary: 'Subscription without an order',
      note: expect.stringContaining(`${sale.customerId} has the subscription`),
    },
  ]);
});
