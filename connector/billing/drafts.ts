/** What a visitor has typed so far, kept by the token in their cookie until they pay or 30 days have gone. */
import type { Database, Sql } from '../db/database.ts';
import { hashToken, newToken } from '../secrets/token.ts';
import type { Vault } from '../secrets/vault.ts';

const KEPT_MS = 30 * 86_400_000;

interface DraftDeps {
  readonly db: Database;
  readonly vault: Vault;
  readonly now: () => Date;
}

interface Kept<T> {
  readonly draft: T;
  /** Token of the order it becomes or has become; undefined: payment was never begun. */
  readonly orderToken: string | undefined;
}

/** undefined: unknown, forgotten, or sealed under a secret that is gone; the visitor begins anew. */
export async function loadDraft<T>(deps: DraftDeps, token: string): Promise<Kept<T> | undefined> {
  const hash = hashToken(token);
  const { rows } = await deps.db.query<{ sealed: string; order: string | null }>(
    'select sealed, order_sealed as "order" from drafts where token_hash = $1 and updated_at > $2',
    [hash, new Date(deps.now().getTime() - KEPT_MS)],
  );
  if (rows[0] === undefined) return undefined;
  try {
    const { sealed, order } = rows[0];
    return {
      draft: JSON.parse(deps.vault.open(sealed, `draft/${hash}`)) as T,
      orderToken: order === null ? undefined : deps.vault.open(order, `draft/${hash}/order`),
    };
  } catch {
    return undefined;
  }
}

/**
 * Sealed: it holds names and addresses of people who may never become customers. The order's token is not part of it:
 * what is typed in one tab must not undo what another has begun.
 */
export async function saveDraft(deps: DraftDeps, token: string, draft: unknown): Promise<void> {
  const hash = hashToken(token);
  await deps.db.query(
    `insert into drafts (token_hash, sealed, updated_at) values ($1, $2, $3)
     on conflict (token_hash) do update set sealed = excluded.sealed, updated_at = excluded.updated_at`,
    [hash, deps.vault.seal(JSON.stringify(draft), `draft/${hash}`), deps.now()],
  );
}

/**
 * The token of the one order this draft becomes, however many tabs and clicks ask for it at once.
 * @param token of a draft that is stored
 */
export async function orderTokenOf(deps: DraftDeps, token: string): Promise<string> {
  const hash = hashToken(token);
  const context = `draft/${hash}/order`;
  const { rows } = await deps.db.query<{ order: string }>(
    `update drafts set order_sealed = coalesce(order_sealed, $2) where token_hash = $1
     returning order_sealed as "order"`,
    [hash, deps.vault.seal(newToken(), context)],
  );
  return deps.vault.open(rows[0]!.order, context);
}

/** The draft becomes this order and no other: an offer's. @param token of a draft that is stored */
export async function setOrderToken(deps: DraftDeps, token: string, orderToken: string): Promise<void> {
  const hash = hashToken(token);
  await deps.db.query('update drafts set order_sealed = $2 where token_hash = $1', [
    hash,
    deps.vault.seal(orderToken, `draft/${hash}/order`),
  ]);
}

/** The draft becomes another order: the link of this one has expired. */
export async function forgetOrderToken(deps: DraftDeps, token: string): Promise<void> {
  await deps.db.query('update drafts set order_sealed = null where token_hash = $1', [hashToken(token)]);
}

/** Run daily. @returns how many were forgotten */
export async function forgetOldDrafts(sql: Sql, now: Date): Promise<number> {
  const { rowCount } = await sql.query('delete from drafts where updated_at < $1', [
    new Date(now.getTime() - KEPT_MS),
  ]);
  return rowCount;
}
