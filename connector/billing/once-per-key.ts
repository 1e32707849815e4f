/** A POST under an Idempotency-Key: done once, answered the same for 24 hours; a try that failed or broke off goes on under the same key. */
import type { Database } from '../db/database.ts';
import { asConnectorError, ConnectorError } from '../errors.ts';
import { hashToken } from '../secrets/token.ts';
import type { Vault } from '../secrets/vault.ts';
import { claimKey, type IdempotentRequest, keepAnswer } from './idempotency.ts';

export interface KeyDeps {
  readonly db: Database;
  readonly vault: Vault;
  readonly now: () => Date;
}

export interface KeptAnswer {
  readonly status: number;
  readonly body: object | null;
}

// Longer than any command takes with its retries: a try older than this died.
const UNDER_WAY_MS = 120_000;

/** @throws ConnectorError permanent `idempotency_key_reused`, conflict `request_in_progress`, what `work` throws */
export async function oncePerKey(
  deps: KeyDeps,
  request: IdempotentRequest,
  work: () => Promise<KeptAnswer>,
): Promise<KeptAnswer> {
  const earlier = await deps.db.tx(async (tx) => {
    const remembered = await claimKey(deps, tx, request, '');
    if (remembered === undefined || remembered.answer !== undefined) return remembered;
    // Taken over only by one: the row says who began last.
    const { rowCount } = await tx.query(
      'update api_idempotency set created_at = $3 where scope = $1 and key_hash = $2 and created_at < $4',
      [...where(request), deps.now(), new Date(deps.now().getTime() - UNDER_WAY_MS)],
    );
    if (rowCount === 0) throw inProgress();
    return undefined;
  });
  if (earlier !== undefined) return earlier.answer as KeptAnswer;
  try {
    const answer = await work();
    await keepAnswer(deps, request, { secret: '', answer, status: answer.status });
    return answer;
  } catch (thrown) {
    // Nothing was promised: the same key may try again, and commands look before they change anything.
    await deps.db.query('delete from api_idempotency where scope = $1 and key_hash = $2 and status is null', [
      ...where(request),
    ]);
    throw asConnectorError(thrown);
  }
}

const where = (request: IdempotentRequest) => [request.scope, hashToken(request.key)] as const;

const inProgress = () =>
  new ConnectorError({
    kind: 'conflict',
    code: 'request_in_progress',
    message: 'A request with this Idempotency-Key is being worked on.',
    advice: 'Send it again in a few seconds: it is answered as the first one was.',
  });
