/** The rows behind credentials links. */
import type { Sql } from '../db/database.ts';

/** A link of one kind opens nothing of another. */
export type LinkKind = 'credentials' | 'acceptance';

export interface StoredLink {
  readonly tokenHash: string;
  readonly subscriptionId: number;
  readonly projectId: number;
  readonly project: string;
  readonly organisation: string;
  /** null: the organisation's contact. */
  readonly stakeholderId: number | null;
  readonly partnerId: number | null;
  readonly person: string;
  readonly locale: string;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
}

/** @returns what is stored for this fact: of the row that was there already, if it was */
export async function insertLink(
  sql: Sql,
  link: {
    kind: LinkKind;
    fact: string;
    tokenHash: string;
    /** The token, sealed. */
    sealed: string;
    subscriptionId: number;
    stakeholderId: number | null;
    partnerId: number | null;
    expiresAt: Date;
  },
): Promise<{ sealed: string; expiresAt: Date }> {
  const { rows } = await sql.query<{ sealed: string; expiresAt: Date }>(
    `insert into links (token_hash, kind, fact, sealed, subscription_id, stakeholder_id, partner_id, expires_at)
     values ($1, $8, $2, $3, $4, $5, $6, $7)
     on conflict (fact) do update set partner_id = coalesce(excluded.partner_id, links.partner_id)
     returning sealed, expires_at as "expiresAt"`,
    [
      link.tokenHash,
      link.fact,
      link.sealed,
      link.subscriptionId,
      link.stakeholderId,
      link.partnerId,
      link.expiresAt,
      link.kind,
    ],
  );
  return rows[0]!;
}

export async function revokeLinks(
  sql: Sql,
  input: { subscriptionId: number; kind: LinkKind; at: Date; except?: string },
): Promise<number> {
  const { rowCount } = await sql.query(
    `update links set revoked_at = $2 where subscription_id = $1 and revoked_at is null and expires_at > $2
        and ($3::text is null or fact is null or fact not like $3) and kind = $4`,
    [input.subscriptionId, input.at, input.except ?? null, input.kind],
  );
  return rowCount;
}

export async function readLink(
  sql: Sql,
  input: { kind: LinkKind; tokenHash: string },
): Promise<StoredLink | undefined> {
  const { rows } = await sql.query<StoredLink>(
    `select l.token_hash as "tokenHash", l.subscription_id as "subscriptionId", p.id as "projectId",
            p.name as project, o.name as organisation, l.stakeholder_id as "stakeholderId",
            l.partner_id as "partnerId", coalesce(h.name, o.contact_name) as person, o.locale,
            l.expires_at as "expiresAt", l.revoked_at as "revokedAt"
       from links l
       join subscriptions s on s.id = l.subscription_id
       join projects p on p.id = s.project_id
       join organisations o on o.id = s.organisation_id
       left join stakeholders h on h.id = l.stakeholder_id
      where l.token_hash = $1 and l.kind = $2`,
    [input.tokenHash, input.kind],
  );
  return rows[0];
}

/** Whether somebody has clicked: a fetch of the page alone (a mail scanner's) says nothing. */
export async function markOpened(sql: Sql, input: { tokenHash: string; at: Date }): Promise<void> {
  await sql.query('update links set opened_at = coalesce(opened_at, $2) where token_hash = $1', [
    input.tokenHash,
    input.at,
  ]);
}
