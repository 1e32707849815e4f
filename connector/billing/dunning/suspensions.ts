/** Suspends and restores what a customer has, by reason: it comes back when no unpaid or disputed money is left. */
import type { Sql, Tx } from '../../db/database.ts';
import { hasEnded } from '../has-ended.ts';
import { moveAccess } from '../states.ts';
import { type AfterCommit, type OnTransition, recordTransition } from '../transitions.ts';
import type { SuspensionLevel } from './policy.ts';

interface Deps {
  readonly onTransition: OnTransition;
  readonly now: Date;
}

interface About {
  readonly subscriptionId: number;
  /** The invoice or the dispute. */
  readonly about: string;
}

/** Suspended twice for one reason, it stays as it was. @returns what to wake after the commit */
export async function suspend(
  tx: Tx,
  deps: Deps,
  { subscriptionId, about, level }: About & { readonly level: SuspensionLevel },
): Promise<readonly AfterCommit[]> {
  const held = await tx.query(
    `insert into suspensions (subscription_id, about, level, since) values ($1, $2, $3, $4)
     on conflict (subscription_id, about, level) do update set since = excluded.since, lifted_at = null
       where suspensions.lifted_at is not null`,
    [subscriptionId, about, level, deps.now],
  );
  if (held.rowCount === 0) return [];
  const access = level === 'access' ? await moveAccess(tx, { subscriptionId, to: 'suspended' }) : null;
  const fact = `${about}:${level}:${deps.now.toISOString()}`;
  const wake = await recordTransition(
    tx,
    { subscriptionId, kind: 'suspended', fact, data: { about, level, access } },
    deps.onTransition,
  );
  return wake === undefined ? [] : [wake];
}

/** Takes one reason away. What another still holds stays; somebody who has left gets nothing back. */
export async function lift(
  tx: Tx,
  deps: Deps,
  { subscriptionId, about }: About,
): Promise<readonly AfterCommit[]> {
  const lifted = await tx.query<{ level: SuspensionLevel }>(
    `update suspensions set lifted_at = $3 where subscription_id = $1 and about = $2 and lifted_at is null
     returning level`,
    [subscriptionId, about, deps.now],
  );
  if (lifted.rowCount === 0 || (await isOver(tx, subscriptionId))) return [];
  const held = await suspended(tx, subscriptionId);
  const was = lifted.rows.map(({ level }) => level);
  if (was.includes('access') && !held.access) await moveAccess(tx, { subscriptionId, to: 'provisioned' });
  const wake = await recordTransition(
    tx,
    {
      subscriptionId,
      kind: 'unsuspended',
      fact: `${about}:${deps.now.toISOString()}`,
      data: { about, levels: was, stillSuspended: held },
    },
    deps.onTransition,
  );
  return wake === undefined ? [] : [wake];
}

/** What is suspended now, for whatever reason; without access there are no features either. */
export async function suspended(
  tx: Sql,
  subscriptionId: number,
): Promise<{ features: boolean; access: boolean }> {
  const { rows } = await tx.query<{ level: SuspensionLevel }>(
    'select distinct level from suspensions where subscription_id = $1 and lifted_at is null',
    [subscriptionId],
  );
  return { features: rows.length > 0, access: rows.some(({ level }) => level === 'access') };
}

async function isOver(tx: Tx, subscriptionId: number): Promise<boolean> {
  const { rows } = await tx.query<{ status: string; endedAt: Date | null }>(
    'select status, ended_at as "endedAt" from subscriptions where id = $1',
    [subscriptionId],
  );
  return rows[0] === undefined || hasEnded(rows[0]);
}
