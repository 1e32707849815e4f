/** What follows a plan: how long old versions are kept, what is over the limits, and who reads of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Catalogue } from '../../connector/billing/catalogue.ts';
import { type SeededSale, seedSale } from '../support/seed.ts';
import { openSteps, type Steps } from '../support/steps.ts';

let steps: Steps;
let sale: SeededSale;

beforeAll(async () => {
  steps = await openSteps();
});
afterAll(() => steps?.db.close());
beforeEach(async () => {
  sale = await seedSale(steps.db);
});

/** The shipped catalogue with another Starter. */
function starter(change: { storageLifecycleDays?: number; storageGb?: number | null }): {
  catalogue: Catalogue;
} {
  const { catalogue } = steps.deps;
  const { storageLifecycleDays, ...limits } = change;
  return {
    catalogue: {
      ...catalogue,
      plans: catalogue.plans.map((plan) => ({
        ...plan,
        limits: { ...plan.limits, ...limits },
        provisioning: {
          ...plan.provisioning,
          storageLifecycleDays: storageLifecycleDays ?? plan.provisioning.storageLifecycleDays,
        },
      })),
    },
  };
}
const bucketKeeping = (storageLifecycleDays: number) =>
  steps.step('bucket', { ...sale, with: starter({ storageLifecycleDays }) });
const limits = (change: Parameters<typeof starter>[0] = {}) =>
  steps.step('limits', { ...sale, kind: 'change_plan', with: starter(change) });
const ruleOf = (bucketId: string) =>
  steps.world.systems.b2.buckets().find((bucket) => bucket.bucketId === bucketId)!.lifecycleRules;

describe('limits', () => {
  it.each([
    ['a plan nobody describes any more', 'withdrawn'],
    ['a project without storage', 'starter'],
  ])('%s: nothing is changed, nothing is over', async (_what, planKey) => {
    await steps.db.query('update subscriptions set plan_key = $2 where id = $1', [
      sale.subscriptionId,
      planKey,
    ]);
    expect(await limits()).toEqual({ lifecycleDays: null, over: [] });
  });

  it('a plan that keeps versions for ever has the bucket keep them so, at once', async () => {
    const { bucketId } = await bucketKeeping(30);
    expect(await limits({ storageLifecycleDays: 0 })).toEqual({ lifecycleDays: 0, over: [] });
    expect(ruleOf(bucketId)).toEqual([]);
  });

  it('where versions are kept for ever nothing is shortened: it is listed', async () => {
    const { bucketId } = await bucketKeeping(0);
    const over = [{ what: 'versionDays', used: 0, limit: 30 }];
    expect(await limits()).toEqual({ lifecycleDays: 0, over });
    expect(ruleOf(bucketId)).toEqual([]);
  });

  it('a bucket that keeps them as long as the plan says is left alone', async () => {
    const { bucketId } = await bucketKeeping(30);
    const revision = () =>
      steps.world.systems.b2.buckets().find((bucket) => bucket.bucketId === bucketId)!.revision;
    const before = revision();
    expect(await limits()).toEqual({ lifecycleDays: 30, over: [] });
    expect(revision()).toBe(before);
  });

  it('a plan without a limit of storage is not measured', async () => {
    await bucketKeeping(30);
    steps.world.counts.reset();
    await limits({ storageGb: null });
    expect(steps.world.counts.of('b2', 'b2_list_file_versions')).toBe(0);
    await limits();
    expect(steps.world.counts.of('b2', 'b2_list_file_versions')).toBe(1);
  });
});

describe('limits shown', () => {
  const noteOf = async () => {
    const { rows } = await steps.db.query<{ html: string }>(
      'select html from erp_notes where external_id like $1',
      [`%_${sale.subscriptionId}_%`],
    );
    return rows.map((row) => row.html).join('');
  };

  it('says in words what lasts for ever and who has no seat', async () => {
    const over = [
      { what: 'versionDays', used: 0, limit: 30 },
      { what: 'users', used: 2, limit: 1 },
      { what: 'storageGb', used: 120.5, limit: 100 },
    ] as const;
    const runId = '00000000-0000-4000-8000-000000000001';
    const results = { limits: { lifecycleDays: 0, over } };
    await steps.step('limits_shown', { ...sale, runId, kind: 'change_plan', results });
    const note = await noteOf();
    expect(note).toContain('Days old versions are kept: for ever, the plan has 30');
    expect(note).toMatch(/Users: 2, the plan has 1 \(lars\d+@harbour\.example\)/);
    expect(note).toContain('Storage (GB): 120.5, the plan has 100');
  });

  it('within the limits says so', async () => {
    const runId = '00000000-0000-4000-8000-000000000002';
    const results = { limits: { lifecycleDays: 30, over: [] } };
    await steps.step('limits_shown', { ...sale, runId, kind: 'change_plan', results });
    expect(await noteOf()).toContain('within its limits');
  });
});
