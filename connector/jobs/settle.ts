/** How a job ends: completed, put off, retried later or handed back; always with the claim it was fetched with. */
import type { PgBoss } from 'pg-boss';
import type { Database, Sql } from '../db/database.ts';
import { executing } from './boss.ts';
import type { Claim, QueueName } from './claim.ts';

interface Settled {
  readonly affected: number;
  readonly settled?: readonly string[];
}

/** A wait, not a moment: jobs fall due by the database's clock, which may not agree with ours. */
const seconds = (ms: number): number => Math.max(0, ms) / 1000;

const attemptOf = (claim: Claim) => ({ id: claim.jobId, retryCount: claim.retryCount });

/** @returns false when the claim was lost meanwhile; then nothing was changed. */
export async function complete(boss: PgBoss, claim: Claim): Promise<boolean> {
  return affected(await boss.complete(claim.queue, attemptOf(claim)));
}

/** Ends this job and sends the next for the same key, due in `inMs`, in one transaction: the key stays occupied, no attempt is used. */
export async function putOff(
  boss: PgBoss,
  input: { db: Database; claim: Claim; key: string; inMs: number },
): Promise<boolean> {
  const { claim, key, inMs } = input;
  return input.db.tx(async (tx) => {
    const db = executing(tx);
    if (!affected(await boss.complete(claim.queue, attemptOf(claim), undefined, { db }))) return false;
    await boss.send(claim.queue, { key }, { singletonKey: key, startAfter: seconds(inMs), db });
    return true;
  });
}

/** Gives the job back to be tried in `inMs`. `update` edits only jobs that are not active, hence the order. */
export async function retryIn(
  boss: PgBoss,
  input: { db: Database; claim: Claim; reason: string; inMs: number },
): Promise<boolean> {
  const { claim, inMs } = input;
  return input.db.tx(async (tx) => {
    const db = executing(tx);
    if (!affected(await boss.fail(claim.queue, attemptOf(claim), { message: input.reason }, { db })))
      return false;
    await boss.update(claim.queue, undefined, { id: claim.jobId, startAfter: seconds(inMs), db });
    return true;
  });
}

/** Moves waiting jobs of these keys ahead. */
export async function hasten(
  sql: Sql,
  input: { queue: QueueName; keys: readonly string[]; priority: number },
): Promise<void> {
  if (input.keys.length === 0) return;
  await sql.query(
    `update pgboss.job set priority = $3 where name = $1 and policy = 'exclusive' and state < 'active'
      and coalesce(singleton_key, '') = any($2::text[]) and priority < $3`,
    [input.queue, input.keys, input.priority],
  );
}

/** Gives jobs back at once, to whoever fetches next. */
export async function handBack(
  boss: PgBoss,
  input: { queue: QueueName; claims: readonly Claim[]; reason: string },
): Promise<void> {
  if (input.claims.length === 0) return;
  await boss.fail(input.queue, input.claims.map(attemptOf), { message: input.reason });
}

/** Tells the engine that these claims live. @returns the job ids that are still ours. */
export async function touch(
  boss: PgBoss,
  queue: QueueName,
  claims: readonly Claim[],
): Promise<ReadonlySet<string>> {
  const answer = (await boss.touch(queue, claims.map(attemptOf))) as unknown as Settled;
  return new Set(answer.settled ?? []);
}

// The published type is empty; the answer is not (pg-boss 12.35.0, manager.js mapCommandResponse).
const affected = (answer: unknown): boolean => (answer as Settled).affected > 0;
