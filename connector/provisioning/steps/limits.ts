/** Another plan: storage and seats follow, and what is over the new limits is told to staff. Nothing is taken away. */
import type { Plan } from '../../billing/catalogue.ts';
import { readUsage } from '../../billing/commands/usage.ts';
import { overLimits } from '../../billing/over-limits.ts';
import { findPlan } from '../../billing/plans.ts';
import type { Sale } from '../../billing/sale.ts';
import { seatsOf } from '../../billing/seats.ts';
import { html } from '../../crm/html.ts';
import { settleSubscription } from '../access/settle.ts';
import type { OverLimit } from '../results.ts';
import type { StepBody, StepDeps } from '../step.ts';
import { listOf } from './note.ts';
import { findStorage, type StorageRow } from './storage.ts';

const GB = 1_000_000_000;
// A thousand versions each: enough to say "over the limit" of every plan, bounded for a bucket of millions.
const PAGES = 20;

export const limits: StepBody<'limits'> = async (deps, { sale }) => {
  const plan = findPlan(deps.catalogue, sale.planKey);
  if (plan === undefined) return { lifecycleDays: null, over: [] };
  const row = await findStorage(deps, sale.project.id);
  const { lifecycleDays, over } = await keepVersions(deps, sale, plan, row);
  const usage = await readUsage(deps.db, {
    organisationId: sale.organisation.id,
    projectId: sale.project.id,
  });
  const storageGb = await usedGb(deps, plan, row);
  return { lifecycleDays, over: [...overLimits(withSeats(plan, sale), { ...usage, storageGb }), ...over] };
};

/** Nobody loses access here; who waited for a seat gets one. */
export const peopleFollow: StepBody<'people_follow'> = async (deps, { sale }) => {
  const { rowCount } = await deps.db.query(
    `select 1 from portal_access where subscription_id = $1 and outcome = 'over_limit' limit 1`,
    [sale.subscription.id],
  );
  return { letIn: rowCount === 0 ? 0 : await settleSubscription(deps, sale.subscription.id) };
};

export const limitsShown: StepBody<'limits_shown'> = async (deps, { sale, runId, result }) => {
  const { over } = result('limits');
  const key = `subscription_${sale.subscription.id}_limits`;
  await deps.crm.closeActivity({ key });
  const lines = over.map((each) => `${WORDS[each.what]}: ${figures(each)}${beyond(sale, each)}`);
  await deps.crm.leaveNotes(deps.db, {
    subscriptionId: sale.subscription.id,
    orderId: sale.orderId,
    key: `run_${runId}_limits`,
    html: `${html`<p><b>Plan is now ${sale.planName}</b>${over.length === 0 ? ': within its limits.' : '. Over its limits, nothing was taken away:'}</p>`}${over.length === 0 ? '' : listOf(lines)}`,
  });
  if (over.length === 0) return null;
  await deps.crm.openCustomerActivity({
    key,
    orderId: sale.orderId,
    organisationId: sale.organisation.id,
    summary: `${sale.organisation.name} is over the limits of ${sale.planName}`,
    note: lines,
    deadline: null,
  });
  return null;
};

const WORDS: Readonly<Record<OverLimit['what'], string>> = {
  users: 'Users',
  projects: 'Projects',
  storageGb: 'Storage (GB)',
  versionDays: 'Days old versions are kept',
};

const figures = ({ used, limit, what }: OverLimit): string =>
  `${what === 'versionDays' && used === 0 ? 'for ever' : used}, the plan has ${limit}`;

/** Who the plan would not have let in, in the order in which people were named. */
function beyond(sale: Sale, { what, limit }: OverLimit): string {
  if (what !== 'users') return '';
  const people = [...new Set(sale.stakeholders.map(({ email }) => email.toLowerCase()))];
  return ` (${people.slice(limit).join(', ')})`;
}

/** A plan per user includes as many as are paid for. */
const withSeats = (plan: Plan, sale: Sale): Pick<Plan, 'limits'> => ({
  limits: { ...plan.limits, users: seatsOf(plan, sale.subscription.quantity) },
});

/**
 * Longer at once. A shorter rule would have Backblaze delete old versions within a day, for good: it is listed instead.
 * A shared bucket's rule is everybody's.
 */
async function keepVersions(
  deps: Pick<StepDeps, 'db' | 'storage'>,
  sale: Sale,
  plan: Plan,
  row: StorageRow | undefined,
): Promise<{ lifecycleDays: number | null; over: readonly OverLimit[] }> {
  if (row === undefined || row.bucketId === null || row.lifecycleDays === null)
    return { lifecycleDays: null, over: [] };
  const { bucketId, lifecycleDays: now } = row;
  const wanted = plan.provisioning.storageLifecycleDays;
  if (lasting(wanted) < lasting(now))
    return { lifecycleDays: now, over: [{ what: 'versionDays', used: now, limit: wanted }] };
  if (wanted !== now) {
    await deps.storage.setLifecycle({ bucketId, lifecycleDays: wanted });
    await deps.db.query('update storages set lifecycle_days = $2 where project_id = $1', [
      sale.project.id,
      wanted,
    ]);
  }
  return { lifecycleDays: wanted, over: [] };
}

const lasting = (days: number): number => (days === 0 ? Number.POSITIVE_INFINITY : days);

async function usedGb(
  { storage }: Pick<StepDeps, 'storage'>,
  plan: Plan,
  row: StorageRow | undefined,
): Promise<number | null> {
  if (plan.limits.storageGb === null || row === undefined || row.bucketId === null) return null;
  const { bucketId, prefix } = row;
  const { bytes } = await storage.usedBytes({ bucketId, prefix, pages: PAGES });
  return Math.round((bytes / GB) * 100) / 100;
}
