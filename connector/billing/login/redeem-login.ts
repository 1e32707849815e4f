/** The link of a billing mail, used: once, by a click, before it expires. */
import type { Sql } from '../../db/database.ts';
import { hashToken } from '../../secrets/token.ts';

/** Whether a click would log somebody in; looking changes nothing. */
export async function loginIsOpen(deps: { db: Sql; now: () => Date }, token: string): Promise<boolean> {
  const { rowCount } = await deps.db.query(
    "select 1 from links where token_hash = $1 and kind = 'billing' and opened_at is null and revoked_at is null and expires_at > $2",
    [hashToken(token), deps.now()],
  );
  return rowCount > 0;
}

/** @returns the organisation it logs in; undefined: unknown, used or expired. Of two clicks at once one is the first. */
export async function redeemLogin(
  deps: { db: Sql; now: () => Date },
  token: string,
): Promise<number | undefined> {
  const { rows } = await deps.db.query<{ id: number }>(
    `update links set opened_at = $2
      where token_hash = $1 and kind = 'billing' and opened_at is null and revoked_at is null and expires_at > $2
      returning organisation_id as id`,
    [hashToken(token), deps.now()],
  );
  return rows[0]?.id;
}
