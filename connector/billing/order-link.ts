/** The link to an order's timeline as it stands in mails: the same in every copy, whatever secret came or went meanwhile. */
import type { Sql } from '../db/database.ts';
import { hashToken, newToken } from '../secrets/token.ts';
import type { Vault } from '../secrets/vault.ts';

/** @returns `<publicUrl>/orders/<token>`, working as long as the order's own token */
export async function orderLink(
  sql: Sql,
  input: { orderId: number; publicUrl: string; vault: Pick<Vault, 'seal' | 'open'> },
): Promise<string> {
  const { orderId, vault } = input;
  const context = `order_${orderId}/mail_token`;
  const fresh = newToken();
  // The first one stays: hash and sealed token are written together or not at all.
  const { rows } = await sql.query<{ sealed: string }>(
    `update orders set mail_token_sealed = coalesce(mail_token_sealed, $2),
            mail_token_hash = case when mail_token_sealed is null then $3 else mail_token_hash end
      where id = $1 returning mail_token_sealed as sealed`,
    [orderId, vault.seal(fresh, context), hashToken(fresh)],
  );
  return `${input.publicUrl}/orders/${vault.open(rows[0]!.sealed, context)}`;
}
