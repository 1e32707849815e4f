/** After CONNECTOR_SECRET got a new first secret: everything sealed is sealed anew under it, so that the old one can go. */
import type { Database } from '../db/database.ts';
import { ConnectorError } from '../errors.ts';
import type { Vault } from '../secrets/vault.ts';

interface SealedColumn {
  readonly name: string;
  readonly table: string;
  /** SQL of a text that is unique in the table. */
  readonly key: string;
  /** SQL of the sealed text. */
  readonly sealed: string;
  /** SQL of the context it was sealed for: must be what seals and opens it says. */
  readonly context: string;
  /** SQL of what the row is set to; $3 is the new sealed text. */
  readonly set: string;
}

const COLUMNS: readonly SealedColumn[] = [
  {
    name: 'secrets',
    table: 'secrets',
    key: 'id::text',
    sealed: 'sealed',
    context: "owner || '/' || name",
    set: 'sealed = $3',
  },
  {
    name: 'drafts',
    table: 'drafts',
    key: 'token_hash',
    sealed: 'sealed',
    context: "'draft/' || token_hash",
    set: 'sealed = $3',
  },
  {
    name: 'draft orders',
    table: 'drafts',
    key: 'token_hash',
    sealed: 'order_sealed',
    context: "'draft/' || token_hash || '/order'",
    set: 'order_sealed = $3',
  },
  {
    name: 'idempotent answers',
    table: 'api_idempotency',
    key: "scope || ' ' || key_hash",
    sealed: "body ->> 'sealed'",
    context: "'idempotency/' || scope || '/' || key_hash",
    set: "body = jsonb_build_object('sealed', $3::text)",
  },
  {
    name: 'credentials links',
    table: 'links',
    key: 'token_hash',
    sealed: 'sealed',
    context: "'link/' || fact",
    set: 'sealed = $3',
  },
  {
    name: 'order links',
    table: 'orders',
    key: 'id::text',
    sealed: 'mail_token_sealed',
    context: "'order_' || id || '/mail_token'",
    set: 'mail_token_sealed = $3',
  },
  ...(['token', 'order', 'prefill'] as const).map((what): SealedColumn => {
    const sealed = { token: 'token_sealed', order: 'order_token_sealed', prefill: 'prefill_sealed' }[what];
    return {
      name: `offers (${what})`,
      table: 'offers',
      key: 'id::text',
      sealed,
      context: `'offer/' || request_id || '/${what}'`,
      set: `${sealed} = $3`,
    };
  }),
];

export interface Resealed {
  /** Rows sealed anew, by what they are. */
  readonly resealed: Readonly<Record<string, number>>;
  /** Rows no secret opens: they were lost before, and keep nothing from being taken away. */
  readonly unreadable: Readonly<Record<string, number>>;
}

const BATCH = 200;

/** Safe while the service runs, also on several instances, and again: a row changed meanwhile is left to who changed it. */
export async function reseal(deps: { db: Database; vault: Pick<Vault, 'reseal'> }): Promise<Resealed> {
  const resealed: Record<string, number> = {};
  const unreadable: Record<string, number> = {};
  for (const column of COLUMNS) {
    const counts = await resealColumn(deps, column);
    resealed[column.name] = counts.resealed;
    unreadable[column.name] = counts.unreadable;
  }
  return { resealed, unreadable };
}

async function resealColumn(
  { db, vault }: { db: Database; vault: Pick<Vault, 'reseal'> },
  { table, key, sealed, context, set }: SealedColumn,
): Promise<{ resealed: number; unreadable: number }> {
  const counts = { resealed: 0, unreadable: 0 };
  let after = '';
  for (;;) {
    const { rows } = await db.query<{ key: string; sealed: string; context: string }>(
      `select ${key} as key, ${sealed} as sealed, ${context} as context from ${table}
        where ${key} > $1 and ${sealed} is not null order by ${key} limit ${BATCH}`,
      [after],
    );
    for (const row of rows) {
      const anew = resealOne(vault, row);
      if (anew === null) counts.unreadable += 1;
      if (anew == null) continue;
      const { rowCount } = await db.query(`update ${table} set ${set} where ${key} = $1 and ${sealed} = $2`, [
        row.key,
        row.sealed,
        anew,
      ]);
      counts.resealed += rowCount;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return counts;
    after = last.key;
  }
}

/** @returns null: no secret opens it */
function resealOne(
  vault: Pick<Vault, 'reseal'>,
  row: { sealed: string; context: string },
): string | undefined | null {
  try {
    return vault.reseal(row.sealed, row.context);
  } catch (error) {
    if (error instanceof ConnectorError) return null;
    throw error;
  }
}
