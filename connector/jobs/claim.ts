/** What a worker holds while it works on a key, and the fence that keeps a worker from the past from writing. */
import type { Tx } from '../db/database.ts';

/**
 * `lane`: a Stripe customer's events, key = customer id. `run`: a provisioning run, key = run id. `request`: what staff
 * asked for in the ERP, key = the record asked about. `dunning`: what is done about unpaid or disputed money, key = the
 * invoice or dispute. `owner`: whose an event without a customer is, key = event id.
 */
export type QueueName = 'lane' | 'run' | 'request' | 'dunning' | 'owner';

export interface Claim {
  readonly queue: QueueName;
  readonly jobId: string;
  /** Raised by every new claim of the job, so it tells two claims apart. */
  readonly retryCount: number;
}

export interface ClaimedJob extends Claim {
  readonly key: string;
  /** Aborted at shutdown and when the claim is known to be lost. Only a hint: the fence is the guard. */
  readonly signal: AbortSignal;
}

/** `again`: the key stays occupied until `at` and no attempt is used up. */
export type Outcome = { readonly next: 'done' } | { readonly next: 'again'; readonly at: Date };

/** Another worker has the job now; whoever holds the old claim must stop and settle nothing. */
export class LostClaim extends Error {
  override readonly name = 'LostClaim';

  constructor(claim: Claim) {
    super(`The claim on ${claim.queue} job ${claim.jobId} (attempt ${claim.retryCount}) was lost.`);
  }
}

/**
 * First statement of a fenced transaction. The lock on the job's row makes a takeover wait until the transaction ends.
 * A job handed back keeps its retry count until it is claimed again, hence the look at its state.
 * @throws LostClaim when this claim is no longer ours; nothing has been written then.
 */
export async function hold(tx: Tx, claim: Claim): Promise<void> {
  const { rows } = await tx.query(
    `select 1 from pgboss.job where name = $1 and id = $2::uuid and state = 'active' and retry_count = $3 for share`,
    [claim.queue, claim.jobId, claim.retryCount],
  );
  if (rows.length === 0) throw new LostClaim(claim);
}
