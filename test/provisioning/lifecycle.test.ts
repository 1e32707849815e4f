/** The stages after the end in our own database: begun, listed, held, undone; the policy that says when. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../connector/log.ts';
import { refuseHeld, setHold } from '../../connector/provisioning/lifecycle/hold.ts';
import { listStages } from '../../connector/provisioning/lifecycle/list.ts';
import { type LifecyclePolicy, loadLifecyclePolicy } from '../../connector/provisioning/lifecycle/policy.ts';
import { beginStages } from '../../connector/provisioning/lifecycle/stages.ts';
import { tickLifecycle } from '../../connector/provisioning/lifecycle/tick.ts';
import { endAgain, undoEnd } from '../../connector/provisioning/lifecycle/undo.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type SeededSale, seedSale } from '../support/seed.ts';

const DAY = 86_400_000;
const now = new Date('2026-11-21T12:00:00Z');
const log = createLog({ level: 'silent' });
const policy = loadLifecyclePolicy(new URL('../../mappings/lifecycle.json', import.meta.url));

let db: TestDatabase;
let sale: SeededSale;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db?.close());
beforeEach(async () => {
  await db.query('delete from lifecycle_stages');
  sale = await seedSale(db);
});

const set = (assignments: string, { subscriptionId } = sale) =>
  db.query(`update subscriptions set ${assignments} where id = $1`, [subscriptionId]);
/** The subscription is over and its stages stand, the first of them done. */
async function ended({ subscriptionId } = sale): Promise<void> {
  await set("access = 'deprovisioned', status = 'canceled', ended_at = now()");
  const input = { subscriptionId, transitionId: null, policy, now };
  const runId = await db.tx((tx) => beginStages(tx, input));
  await db.query("update runs set status = 'done' where id = $1", [runId]);
  await db.query('update lifecycle_stages set done_at = $2 where run_id = $1', [runId, now]);
}
const tick = (days: number, woken: string[] = []) =>
  tickLifecycle({
    db,
    now: () => new Date(now.getTime() + days * DAY),
    log,
    wakeRun: (runId) => woken.push(runId),
  });
const stagesOf = async (workspace: LifecyclePolicy['workspace'] = 'delete') => {
  const all = await listStages(db, { all: true, workspace, limit: 1_000 });
  return all.filter((each) => each.subscriptionId === sale.subscriptionId);
};
const states = async () => Object.fromEntries((await stagesOf()).map(({ stage, state }) => [stage, state]));

describe('a hold', () => {
  it.each([
    ['subscription', { subscriptionId: 4711 }],
    ['organisation', { organisationId: 4711 }],
  ])('of an unknown %s is refused', async (what, of) => {
    await expect(setHold(db, { of, reason: 'audit' })).rejects.toMatchObject({
      kind: 'absent',
      code: `${what}_not_found`,
      message: `There is no ${what} 4711.`,
    });
  });

  it.each([
    ['the organisation', () => ({ organisationId: sale.organisationId })],
    ['the subscription', () => ({ subscriptionId: sale.subscriptionId })],
  ])('on %s stops a deletion, and released lets it go on', async (_what, of) => {
    await setHold(db, { of: of(), reason: 'audit' });
    await expect(refuseHeld(db, sale.subscriptionId)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'legal_hold',
      message: expect.stringContaining('audit'),
    });
    await setHold(db, { of: of(), reason: null });
    await refuseHeld(db, sale.subscriptionId);
  });
});

describe('the list', () => {
  it('says what each stage is at: done, under way, stopped, held, called off', async () => {
    await ended();
    expect(await states()).toEqual({
      deprovision: 'done',
      archive_access: 'waiting',
      announce_deletion: 'waiting',
      delete_data: 'waiting',
    });
    await tick(31);
    expect(await states()).toMatchObject({ archive_access: 'under_way' });
    await db.query("update runs set status = 'needs_attention' where subscription_id = $1 and kind = $2", [
      sale.subscriptionId,
      'archive_access',
    ]);
    await setHold(db, { of: { organisationId: sale.organisationId }, reason: 'audit' });
    expect(await states()).toMatchObject({ archive_access: 'needs_attention', delete_data: 'held' });
    expect((await stagesOf()).find(({ stage }) => stage === 'delete_data')!.why).toBe('audit');
    await db.query("update lifecycle_stages set cancelled = 'returned' where stage = 'delete_data'");
    expect(await states()).toMatchObject({ announce_deletion: 'held', delete_data: 'called_off' });
  });

  it.each([
    ['no storage', null, 'no storage'],
    ['a bucket of its own', ['bucket', ''], 'bucket cde-x deleted'],
    ['a shared bucket', ['prefix', 'project-1/'], 'files under cde-x/project-1/ deleted'],
  ])('says what the deletion takes: %s', async (_what, storage, words) => {
    await ended();
    if (storage !== null)
      await db.query(
        `insert into storages (project_id, strategy, bucket_id, bucket_name, prefix, key_name)
         values ($1, $2, 'b', 'cde-x', $3, 'k')`,
        [sale.projectId, ...storage],
      );
    const what = async (workspace: LifecyclePolicy['workspace']) =>
      (await stagesOf(workspace)).find(({ stage }) => stage === 'delete_data')!.what;
    expect(await what('delete')).toEqual([words, 'workspace deleted', 'mail to the contact']);
    expect(await what('keep')).toContain('workspace kept');
  });
});

describe('a stage whose day has come', () => {
  it('is begun once, by whichever of two instances is first', async () => {
    await ended();
    const woken: string[] = [];
    const begun = await Promise.all([tick(31, woken), tick(31, woken)]);
    expect(begun.toSorted()).toEqual([0, 1]);
    expect(woken).toHaveLength(1);
    const { rowCount } = await db.query(
      "select 1 from runs where subscription_id = $1 and kind = 'archive_access'",
      [sale.subscriptionId],
    );
    expect(rowCount).toBe(1);
  });

  it('is called off where somebody lives on the project again', async () => {
    await ended();
    const other = await seedSale(db);
    await db.query("update subscriptions set project_id = $2, access = 'provisioned' where id = $1", [
      other.subscriptionId,
      sale.projectId,
    ]);
    expect(await tick(31)).toBe(0);
    const listed = await stagesOf();
    expect(listed.map(({ state }) => state)).toEqual(['done', 'called_off', 'called_off', 'called_off']);
    expect(listed[1]!.why).toBe('project_in_use');
  });
});

describe('the end', () => {
  it('of a subscription whose project another one uses begins no stages', async () => {
    const other = await seedSale(db);
    await db.query("update subscriptions set project_id = $2, access = 'provisioned' where id = $1", [
      other.subscriptionId,
      sale.projectId,
    ]);
    const { subscriptionId } = sale;
    const input = { subscriptionId, transitionId: null, policy, now };
    expect(await db.tx((tx) => beginStages(tx, input))).toBeNull();
    expect(await stagesOf()).toEqual([]);
  });

  it('is not undone for somebody who has access', async () => {
    await set("access = 'provisioned'");
    await expect(db.tx((tx) => undoEnd(tx, sale))).rejects.toMatchObject({
      kind: 'conflict',
      code: 'nothing_to_undo',
    });
  });

  it('is not undone once the data are deleted', async () => {
    await ended();
    await db.query('update projects set data_deleted_at = now() where id = $1', [sale.projectId]);
    await expect(db.tx((tx) => undoEnd(tx, sale))).rejects.toMatchObject({ code: 'deletion_begun' });
  });

  it.each([
    ['that lives at Stripe', "status = 'active', access = 'provisioned'"],
    ['that has no access any more', "status = 'canceled', ended_at = now(), access = 'deprovisioned'"],
  ])('cannot come again for a subscription %s', async (_what, assignments) => {
    await set(assignments);
    const { subscriptionId } = sale;
    await expect(db.tx((tx) => endAgain(tx, { subscriptionId, policy, now }))).rejects.toMatchObject({
      kind: 'conflict',
      code: 'nothing_to_end',
    });
    expect(await stagesOf()).toEqual([]);
  });
});

describe('the policy', () => {
  const written = (change: Partial<LifecyclePolicy>) => {
    const file = join(mkdtempSync(join(tmpdir(), 'policy-')), 'lifecycle.json');
    writeFileSync(file, JSON.stringify({ ...policy, ...change }));
    return file;
  };

  it('that would announce the deletion while access lasts is refused, a day more is taken', () => {
    expect(() => loadLifecyclePolicy(written({ retentionDays: 43 }))).toThrow(
      expect.objectContaining({
        code: 'mapping_invalid',
        message: expect.stringContaining('/retentionDays'),
      }),
    );
    expect(loadLifecyclePolicy(written({ retentionDays: 44 })).retentionDays).toBe(44);
  });
});
