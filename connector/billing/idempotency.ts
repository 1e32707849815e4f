/** The same POST with the same Idempotency-Key gives the same answer for 24 hours, also when the first try died midway. */
import type { Database, Sql, Tx } from '../db/database.ts';
import { hashToken } from '../secrets/token.ts';
import type { Vault } from '../secrets/vault.ts';
import { keyReused } from './checkout-errors.ts';

const KEPT_MS = 24 * 3_600_000;

export interface IdempotentRequest {
  /** Whose keys these are: two callers who choose the same key must not meet. `checkout/org_5`. */
  readonly scope: string;
  readonly key: string;
  /** Hash of everything the answer depends on. */
  readonly requestHash: string;
}

/** What an earlier try left: its secret (an order token), and its answer if it got that far. */
export interface Remembered {
  readonly secret: string;
  readonly answer: unknown;
}

interface Row {
  readonly requestHash: string;
  readonly status: number | null;
  readonly body: { readonly sealed: string };
  readonly createdAt: Date;
}

/**
 * Claims the key inside `tx`; a concurrent try with the same key waits here until this transaction ends.
 * @param secret kept (sealed) for a later try with the same key
 * @returns undefined: ours is the first
 * @throws ConnectorError permanent `idempotency_key_reused`
 */
export async function claimKey(
  deps: { readonly vault: Vault; readonly now: () => Date },
  tx: Tx,
  request: IdempotentRequest,
  secret: string,
): Promise<Remembered | undefined> {
  const where = [request.scope, hashToken(request.key)] as const;
  const now = deps.now();
  await tx.query('delete from api_idempotency where scope = $1 and key_hash = $2 and created_at < $3', [
    ...where,
    new Date(now.getTime() - KEPT_MS),
  ]);
  const sealed = deps.vault.seal(JSON.stringify({ secret }), context(request));
  const { rowCount } = await tx.query(
    `insert into api_idempotency (scope, key_hash, request_hash, body, created_at)
     values ($1, $2, $3, $4::jsonb, $5) on conflict do nothing`,
    [...where, request.requestHash, JSON.stringify({ sealed }), now],
  );
  if (rowCount > 0) return undefined;
  return opened(deps.vault, request, (await read(tx, where))!);
}

function opened(vault: Vault, request: IdempotentRequest, row: Row): Remembered {
  if (row.requestHash !== request.requestHash) throw keyReused();
  const kept = JSON.parse(vault.open(row.body.sealed, context(request))) as {
    secret: string;
    answer?: unknown;
  };
  return { secret: kept.secret, answer: row.status === null ? undefined : kept.answer };
}

/**
 * What an earlier try with this key left, without claiming it: read before anything is ended because of this one.
 * @throws ConnectorError permanent `idempotency_key_reused`
 */
export async function recall(
  deps: { readonly db: Database; readonly vault: Vault; readonly now: () => Date },
  request: IdempotentRequest,
): Promise<Remembered | undefined> {
  const since = new Date(deps.now().getTime() - KEPT_MS);
  const row = await read(deps.db, [request.scope, hashToken(request.key)]);
  return row === undefined || row.createdAt < since ? undefined : opened(deps.vault, request, row);
}

/** Keeps the answer. It holds the order token and the client secret, so it is sealed. */
export async function keepAnswer(
  deps: { readonly db: Database; readonly vault: Vault },
  request: IdempotentRequest,
  kept: { readonly secret: string; readonly answer: unknown; readonly status: number },
): Promise<void> {
  const sealed = deps.vault.seal(
    JSON.stringify({ secret: kept.secret, answer: kept.answer }),
    context(request),
  );
  await deps.db.query(
    'update api_idempotency set status = $3, body = $4::jsonb where scope = $1 and key_hash = $2',
    [request.scope, hashToken(request.key), kept.status, JSON.stringify({ sealed })],
  );
}

/** Forgets keys older than 24 hours; run daily. @returns how many */
export async function forgetOldKeys(sql: Sql, now: Date): Promise<number> {
  const { rowCount } = await sql.query('delete from api_idempotency where created_at < $1', [
    new Date(now.getTime() - KEPT_MS),
  ]);
  return rowCount;
}

async function read(sql: Sql, where: readonly [string, string]): Promise<Row | undefined> {
  const { rows } = await sql.query<Row>(
    `select request_hash as "requestHash", status, body, created_at as "createdAt" from api_idempotency where scope = $1 and key_hash = $2`,
    where,
  );
  return rows[0];
}

const context = (request: IdempotentRequest) => `idempotency/${request.scope}/${hashToken(request.key)}`;
