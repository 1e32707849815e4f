/** Erasures from the side the journeys do not come to: begun twice, taken up by another process, with nothing to erase somewhere. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createJobs } from '../../connector/jobs/jobs.ts';
import { createLog } from '../../connector/log.ts';
import { record } from '../../connector/provisioning/erasure/claim.ts';
import type { ErasureDeps } from '../../connector/provisioning/erasure/deps.ts';
import { erase, resumeErasures } from '../../connector/provisioning/erasure/erase.ts';
import type { ErasureReport } from '../../connector/provisioning/erasure/report.ts';
import { readErasures } from '../../connector/provisioning/erasure/report.ts';
import { type SeededSale, seedRun, seedSale } from '../support/seed.ts';
import { openSteps, type Steps } from '../support/steps.ts';

let steps: Steps;
let sale: SeededSale;
let deleted: string[];

beforeAll(async () => {
  steps = await openSteps();
  // The engine's tables: an organisation's runs must not be at work.
  await createJobs({ db: steps.db, log: createLog({ level: 'silent' }), now: () => new Date(), queues: [] });
});
afterAll(() => steps?.db.close());
beforeEach(async () => {
  deleted = [];
  sale = await seedSale(steps.db);
});

const deps = (change: Partial<ErasureDeps> = {}): ErasureDeps => ({
  ...steps.deps,
  deleteCustomer: async (customerId) => void deleted.push(customerId),
  guard: (_system, call) => call(),
  ...change,
});
const emailOf = async (stakeholderId: number) =>
  (await steps.db.query<{ email: string }>('select email from stakeholders where id = $1', [stakeholderId]))
    .rows[0]!.email;
const over = ({ subscriptionId } = sale) =>
  steps.db.query(
    "update subscriptions set status = 'canceled', ended_at = now(), access = 'deprovisioned' where id = $1",
    [subscriptionId],
  );
const entry = ({ entries }: ErasureReport, what: string) => entries.find((each) => each.what.includes(what));
const organisation = () => ({ kind: 'organisation', organisationId: sale.organisationId }) as const;

describe('an erasure', () => {
  it('that two ask for in one moment is begun once', async () => {
    const now = steps.deps.now();
    await record(steps.db, organisation(), now);
    await expect(record(steps.db, organisation(), now)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'erasure_under_way',
    });
    await steps.db.query('delete from erasures');
  });

  it('of a person and of an organisation is taken up by another process', async () => {
    const other = await seedSale(steps.db);
    await over();
    const email = await emailOf(other.stakeholderIds[0]!);
    const ids = [
      await record(steps.db, organisation(), steps.deps.now()),
      await record(steps.db, { kind: 'person', email }, steps.deps.now()),
    ];
    expect(await resumeErasures(deps())).toBe(2);
    for (const id of ids) {
      const [row] = await readErasures(steps.db, { id, limit: 1 });
      expect(row).toMatchObject({ finished: true, cause: null });
    }
    expect(deleted).toEqual([sale.customerId]);
    const { rowCount } = await steps.db.query('select 1 from stakeholders where email = $1', [email]);
    expect(rowCount).toBe(0);
    expect(await resumeErasures(deps())).toBe(0);
  });

  it('of an organisation Stripe never had a customer of asks nothing of Stripe', async () => {
    await over();
    await steps.db.query('update organisations set provider_customer_id = null where id = $1', [
      sale.organisationId,
    ]);
    const report = await erase(deps(), { subject: organisation(), dryRun: false });
    expect(report.finished).toBe(true);
    expect(deleted).toEqual([]);
    expect(entry(report, 'customer cus_')).toBeUndefined();
  });

  it('leaves contacts to staff where the company’s policy says so, and asks them', async () => {
    await over();
    const lifecycle = { ...steps.deps.lifecycle, erasure: { partners: 'activity' as const } };
    const foreseen = await erase(deps({ lifecycle }), { subject: organisation(), dryRun: true });
    expect(entry(foreseen, 'portal users, contacts')).toMatchObject({ action: 'asked' });
    const { stakeholderIds, subscriptionId } = sale;
    const company = await steps.step('partner', { subscriptionId });
    const contactId = company.contactIds[stakeholderIds[0]!]!;
    const contact = () => steps.world.systems.odoo.find('res.partner', (each) => each.id === contactId)!;
    const before = contact().email;
    const report = await erase(deps({ lifecycle }), { subject: organisation(), dryRun: false });
    expect(entry(report, 'contacts, opportunities')).toMatchObject({
      action: 'asked',
      why: expect.stringContaining('leaves them to staff'),
    });
    expect(contact().email).toBe(before);
    expect(
      steps.world.systems.odoo.find(
        'mail.activity',
        (each) => each.res_id === company.companyId && String(each.summary).startsWith('Erasure requested'),
      ),
    ).toBeDefined();
  });

  it('of a person on a project nobody uses names no workspace they left', async () => {
    await over();
    const report = await erase(deps(), {
      subject: { kind: 'person', email: await emailOf(sale.stakeholderIds[0]!) },
      dryRun: false,
    });
    expect(report.finished).toBe(true);
    expect(entry(report, 'workspaces they were a member of')).toBeUndefined();
  });

  it('of a person waits for a run that writes their data', async () => {
    await seedRun(steps.db, sale.subscriptionId);
    const email = await emailOf(sale.stakeholderIds[0]!);
    await expect(erase(deps(), { subject: { kind: 'person', email }, dryRun: true })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'run_under_way',
      advice: 'Ask again in a minute.',
    });
  });
});
