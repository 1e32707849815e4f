/** Side effects hang on these rows: unique per (subscription, kind, fact), written in the transaction of the state they follow. */
import type { Tx } from '../db/database.ts';
import type { TransitionKind } from './planned-transition.ts';

export interface Transition {
  readonly id: number;
  readonly subscriptionId: number;
  readonly kind: TransitionKind;
  readonly fact: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What to do once the transaction is committed, such as waking a worker; may be lost with the process. */
export type AfterCommit = () => void;

/** Called in the transaction that wrote the row; `app.ts` says which transition inserts which run or ERP write. */
// biome-ignore lint/suspicious/noConfusingVoidType: most transitions have nothing to wake
export type OnTransition = (tx: Tx, transition: Transition) => Promise<AfterCommit | void>;

/** Writes the row and calls `onTransition`, unless this fact was written before. */
export async function recordTransition(
  tx: Tx,
  transition: Omit<Transition, 'id'>,
  onTransition: OnTransition,
): Promise<AfterCommit | undefined> {
  const { subscriptionId, kind, fact, data } = transition;
  const inserted = await tx.query<{ id: number }>(
    `insert into transitions (subscription_id, kind, fact, data) values ($1, $2, $3, $4::jsonb)
     on conflict (subscription_id, kind, fact) do nothing returning id`,
    [subscriptionId, kind, fact, JSON.stringify(data)],
  );
  const row = inserted.rows[0];
  if (row === undefined) return undefined;
  return (await onTransition(tx, { id: row.id, ...transition })) ?? undefined;
}
