/** Links by which people get their access: issued, found again, replaced and revoked. */
import type { Database } from '../db/database.ts';
import { hashToken, newToken } from '../secrets/token.ts';
import type { Vault } from '../secrets/vault.ts';
import { insertLink, type LinkKind, readLink, revokeLinks, type StoredLink } from './links.ts';

export interface Credentials {
  /**
   * A link for one person. The same `fact` gives the same link, so that a mail that goes out twice says the same.
   * @param input.stakeholderId null: the organisation's contact, who alone may see the storage key
   * @param input.partnerId res.partner whose portal user sets a password with it; null: none
   */
  issue(input: {
    fact: string;
    subscriptionId: number;
    stakeholderId: number | null;
    partnerId: number | null;
  }): Promise<IssuedLink>;
  /** @param input.except links whose fact is like this (SQL) stay @returns how many links ended */
  revoke(input: { subscriptionId: number; except?: string }): Promise<number>;
  resolve(token: string): Promise<Resolved>;
}

interface IssuedLink {
  readonly url: string;
  readonly expiresAt: Date;
}

type Resolved =
  | { readonly state: 'live'; readonly link: StoredLink }
  | { readonly state: 'expired' | 'revoked' | 'unknown' };

/** Long enough for a holiday, short enough for a mailbox that is read by others later. */
export const LINK_DAYS = 14;
const DAY_MS = 86_400_000;

const TOKEN = /^[\w-]{43}$/;

/**
 * @param deps.publicUrl where customers reach this service
 * @param deps.kind what the links are for: to get one's own access (the default), or to let an existing user in
 */
export function createCredentials(deps: {
  db: Database;
  vault: Vault;
  publicUrl: string;
  now: () => Date;
  kind?: LinkKind;
}): Credentials {
  const { db, vault, now, kind = 'credentials' } = deps;
  return {
    async issue({ fact, ...whose }) {
      // Kept sealed, so that it can be said again after a crash and after CONNECTOR_SECRET was replaced.
      const fresh = newToken();
      const context = `link/${fact}`;
      const expiresAt = new Date(now().getTime() + LINK_DAYS * DAY_MS);
      const link = {
        ...whose,
        kind,
        fact,
        tokenHash: hashToken(fresh),
        sealed: vault.seal(fresh, context),
        expiresAt,
      };
      const stored = await insertLink(db, link);
      const token = vault.open(stored.sealed, context);
      return {
        url: `${deps.publicUrl.replace(/\/+$/, '')}/${kind}/${token}`,
        expiresAt: stored.expiresAt,
      };
    },
    revoke: (input) => revokeLinks(db, { ...input, kind, at: now() }),
    async resolve(token) {
      if (!TOKEN.test(token)) return { state: 'unknown' };
      const link = await readLink(db, { kind, tokenHash: hashToken(token) });
      if (link === undefined) return { state: 'unknown' };
      if (link.revokedAt !== null) return { state: 'revoked' };
      if (link.expiresAt <= now()) return { state: 'expired' };
      return { state: 'live', link };
    },
  };
}
