/** Another plan: the storage's rule follows, and what is over the new limits is told to staff. Nothing is deleted. */
import type { Plan } from '../../billing/catalogue.ts';
import type { Sale } from '../../billing/sale.ts';
import { html } from '../../crm/html.ts';
import { hasAccess } from '../lifecycle/stages.ts';
import type { OverLimit } from '../results.ts';
import type { StepBody, StepDeps } from '../step.ts';
import { listOf } from './note.ts';
import { findStorage } from './storage.ts';

const GB = 1_000_000_000;
// A thousand versions each: enough to say "over the limit" of every plan, bounded for a bucket of millions.
const PAGES = 20;

export const limits: StepBody<'limits'> = async (deps, { sale }) => {
  const plan = deps.catalogue.plans.find((each) => each.key === sale.planKey);
  const row = await findStorage(deps, sale.project.id);
  const bucketId = row?.bucketId ?? null;
  let lifecycleDays: number | null = null;
  // A shared bucket's rule is everybody's.
  if (plan !== undefined && bucketId !== null && row?.strategy === 'bucket') {
    lifecycleDays = plan.provisioning.storageLifecycleDays;
    await deps.storage.setLifecycle({ bucketId, lifecycleDays });
  }
  const place = bucketId === null ? null : { bucketId, prefix: row?.prefix ?? '' };
  return { lifecycleDays, over: plan === undefined ? [] : await overLimits(deps, { sale, plan, place }) };
};

export const limitsShown: StepBody<'limits_shown'> = async (deps, { sale, runId, result }) => {
  const { over } = result('limits');
  const key = `subscription_${sale.subscription.id}_limits`;
  await deps.crm.closeActivity({ key });
  const lines = over.map(({ what, used, limit }) => `${WORDS[what]}: ${used} of ${limit}`);
  await deps.crm.leaveNotes(deps.db, {
    subscriptionId: sale.subscription.id,
    orderId: sale.orderId,
    key: `run_${runId}_limits`,
    html: `${html`<p><b>Plan is now ${sale.planName}</b>${over.length === 0 ? ': within its limits.' : '. Over its limits, nothing was deleted:'}</p>`}${over.length === 0 ? '' : listOf(lines)}`,
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
  storage_gb: 'Storage (GB)',
};

async function overLimits(
  deps: Pick<StepDeps, 'db' | 'storage'>,
  input: { sale: Sale; plan: Plan; place: { bucketId: string; prefix: string } | null },
): Promise<readonly OverLimit[]> {
  const { sale, plan, place } = input;
  const { users, projects, storageGb } = plan.limits;
  const over: OverLimit[] = [];
  const look = (what: OverLimit['what'], used: number, limit: number | null): void => {
    if (limit !== null && used > limit) over.push({ what, used, limit });
  };
  // A plan per user includes as many as are paid for.
  look('users', sale.stakeholders.length, plan.usage === 'per_user' ? sale.subscription.quantity : users);
  look('projects', await projectsOf(deps, sale), projects);
  if (storageGb !== null && place !== null) {
    const { bytes } = await deps.storage.usedBytes({ ...place, pages: PAGES });
    look('storage_gb', Math.round((bytes / GB) * 100) / 100, storageGb);
  }
  return over;
}

async function projectsOf({ db }: Pick<StepDeps, 'db'>, sale: Sale): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(distinct s.project_id)::int as n from subscriptions s where s.organisation_id = $1 and ${hasAccess('s')}`,
    [sale.organisation.id],
  );
  return rows[0]!.n;
}
