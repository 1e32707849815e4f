/** A short-lived proof that a front end acts for one organisation: HMAC-SHA256 under CONNECTOR_SECRET, nothing stored. */
import { createHmac, hkdfSync } from 'node:crypto';
import type { Sql } from '../db/database.ts';
import { ConnectorError } from '../errors.ts';
import { equalSecret } from '../secrets/token.ts';

const PREFIX = 'org';
/** Long enough to fill a form, short enough that a leaked one is soon worthless. */
export const ORGANISATION_TOKEN_SECONDS = 3600;

interface Signer {
  readonly connectorSecrets: readonly string[];
  readonly now: () => Date;
}

/** @throws ConnectorError absent `organisation_not_found` */
export async function tokenForOrganisation(
  deps: Signer & { readonly db: Sql },
  organisationId: number,
): Promise<{ token: string; expiresInSeconds: number }> {
  const { rowCount } = await deps.db.query('select 1 from organisations where id = $1', [organisationId]);
  if (rowCount > 0) {
    return {
      token: issueOrganisationToken(deps, organisationId),
      expiresInSeconds: ORGANISATION_TOKEN_SECONDS,
    };
  }
  throw new ConnectorError({
    kind: 'absent',
    code: 'organisation_not_found',
    message: `there is no organisation ${organisationId}`,
    advice: 'Its number stands in "npm run cli -- runs show <id> --json".',
  });
}

/** @returns `org.<organisation id>.<unix seconds of expiry>.<signature>` */
export function issueOrganisationToken(
  { connectorSecrets, now }: Signer,
  organisationId: number,
  seconds = ORGANISATION_TOKEN_SECONDS,
): string {
  const claim = `${PREFIX}.${organisationId}.${Math.floor(now().getTime() / 1000) + seconds}`;
  return `${claim}.${sign(connectorSecrets[0]!, claim)}`;
}

/** The organisation a token speaks for; undefined: forged, malformed or expired. */
export function readOrganisationToken({ connectorSecrets, now }: Signer, token: string): number | undefined {
  const match = /^(org\.(\d{1,15})\.(\d{1,12}))\.([\w-]{43})$/.exec(token);
  if (match === null) return undefined;
  const [, claim, id, expiry, signature] = match;
  if (!connectorSecrets.some((secret) => equalSecret(sign(secret, claim!), signature!))) return undefined;
  return Number(expiry) * 1000 > now().getTime() ? Number(id) : undefined;
}

function sign(secret: string, claim: string): string {
  // A key of its own: the vault's keys come from the same secret under another label.
  const key = hkdfSync(
    'sha256',
    Buffer.from(secret, 'base64'),
    '',
    'stripe-odoo-connector/organisation-token',
    32,
  );
  return createHmac('sha256', Buffer.from(key)).update(claim).digest('base64url');
}
