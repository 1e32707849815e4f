/** Waits until nothing is left to do at this moment of the moved clock. */
import type { Database } from '../../../connector/db/database.ts';
import type { World } from '../../../scripts/sandbox/world.ts';
import { eventually } from '../../support/connector.ts';

const WORK = `
  select 'event' as what, type || ' ' || coalesce(customer, '') as name from events where state = 'open'
  union all select 'sync', id from customers where sync_wanted_at is not null or parked_at is not null
  union all select 'job', name || ' ' || singleton_key from pgboss.job
    where name in ('lane', 'run') and state <= 'active'
  union all select 'run', r.kind || ' ' || r.status || ' ' || r.subscription_id || coalesce(r.cause::text, '') from runs r
    where r.status not in ('done', 'superseded', 'needs_attention')`;

const ALL = `${WORK}
  union all select 'dunning', step from dunning_steps where done_at is null and due_at <= $1
  union all select 'ERP', o.external_id from erp_outbox o join erp_records b using (external_id)
    where b.res_id is not null and b.version < o.version`;

/** @param wanted.all also what nobody waits for: mails of dunning, the ERP's copies @throws Error naming what is left */
export async function settled(world: World, db: Database, wanted: { all?: boolean } = {}): Promise<void> {
  let left: readonly unknown[] = [];
  await world.systems.stripe.deliveriesIdle();
  await eventually(
    'everything is worked off',
    async () => {
      left = (await db.query(wanted.all ? ALL : WORK, wanted.all ? [world.clock.now()] : [])).rows;
      return left.length === 0;
    },
    120_000,
  ).catch((error: Error) => {
    throw new Error(`${error.message} ${JSON.stringify(left.slice(0, 10))}`);
  });
}
