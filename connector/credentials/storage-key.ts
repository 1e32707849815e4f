/** The storage key: to the organisation's contact alone, in one browser, for fifteen minutes. */
import type { Database } from '../db/database.ts';
import { hashToken } from '../secrets/token.ts';
import type { Vault } from '../secrets/vault.ts';
import type { StoredLink } from './links.ts';

export const SHOWN_FOR_MS = 15 * 60_000;

export type Reveal =
  | { readonly outcome: 'shown'; readonly key: StorageKey; readonly until: Date }
  /** Not the contact's link. */
  | { readonly outcome: 'not_yours' }
  /** Another browser was first, or the fifteen minutes are over: a new link is needed. */
  | { readonly outcome: 'used' }
  /** The storage is not ready, or its key was revoked. */
  | { readonly outcome: 'none' };

export interface StorageKey {
  readonly keyId: string;
  readonly applicationKey: string;
  readonly bucket: string;
  /** Empty: the whole bucket. */
  readonly prefix: string;
}

interface StorageRow {
  readonly keyId: string;
  readonly sealed: string;
  readonly bucket: string;
  readonly prefix: string;
}

/**
 * @param input.browser the cookie of the browser that asks; the first one to ask is the one it is shown in
 * @throws ConnectorError permanent `vault_key_missing`
 */
export async function revealStorageKey(
  { db, vault, now }: { db: Database; vault: Vault; now: () => Date },
  { link, browser }: { link: StoredLink; browser: string },
): Promise<Reveal> {
  if (link.stakeholderId !== null) return { outcome: 'not_yours' };
  const stored = await readStorage(db, link.projectId);
  if (stored === undefined) return { outcome: 'none' };
  const until = await claim(db, { tokenHash: link.tokenHash, browserHash: hashToken(browser), at: now() });
  if (until === undefined || until <= now()) return { outcome: 'used' };
  const { sealed, ...rest } = stored;
  const applicationKey = vault.open(sealed, `project_${link.projectId}/storage_key`);
  return { outcome: 'shown', until, key: { ...rest, applicationKey } };
}

/** One statement, so that of two browsers at once only one wins. @returns until when; undefined: another browser's */
async function claim(
  db: Database,
  { tokenHash, browserHash, at }: { tokenHash: string; browserHash: string; at: Date },
): Promise<Date | undefined> {
  const { rows } = await db.query<{ shownAt: Date }>(
    `update links
        set secret_browser_hash = $2, secret_shown_at = coalesce(secret_shown_at, $3), opened_at = coalesce(opened_at, $3)
      where token_hash = $1 and coalesce(secret_browser_hash, $2) = $2
      returning secret_shown_at as "shownAt"`,
    [tokenHash, browserHash, at],
  );
  const shownAt = rows[0]?.shownAt;
  return shownAt && new Date(shownAt.getTime() + SHOWN_FOR_MS);
}

async function readStorage(db: Database, projectId: number): Promise<StorageRow | undefined> {
  const { rows } = await db.query<StorageRow>(
    `select t.key_id as "keyId", s.sealed, t.bucket_name as bucket, t.prefix
       from storages t join secrets s on s.id = t.secret_id
      where t.project_id = $1 and t.key_id is not null and s.revoked_at is null`,
    [projectId],
  );
  return rows[0];
}
