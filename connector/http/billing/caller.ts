/** Who asks: a bearer token signed for one organisation. What a request says of itself is never believed. */
import type { Request } from 'express';
import { type AccountOrganisation, readOrganisation } from '../../billing/account/organisation.ts';
import { readOrganisationToken } from '../../billing/organisation-token.ts';
import type { Sql } from '../../db/database.ts';
import { requestError } from '../problem.ts';

export interface CallerDeps {
  readonly db: Sql;
  readonly connectorSecrets: readonly string[];
  readonly now: () => Date;
}

/** @throws ConnectorError permanent `unauthorized` (none was sent), `token_refused` (forged, expired, or its organisation is gone) */
export async function organisationOf(deps: CallerDeps, req: Request): Promise<AccountOrganisation> {
  const header = req.get('authorization');
  if (header === undefined)
    throw requestError(
      'unauthorized',
      'An organisation token is needed.',
      'Send "Authorization: Bearer <token>"; docs/billing-api.md says where it comes from.',
    );
  const token = bearerOf(req);
  const found = token === undefined ? undefined : await organisationOfToken(deps, token);
  if (found !== undefined) return found;
  throw requestError(
    'token_refused',
    'The organisation token is not valid or has expired.',
    'Get a new one; it lives for an hour.',
  );
}

const bearerOf = (req: Request): string | undefined =>
  /^Bearer (\S{10,200})$/i.exec(req.get('authorization') ?? '')?.[1];

/** By signature alone, without a look at our records; undefined: none, or nobody's. */
export function provenOrganisation(deps: Omit<CallerDeps, 'db'>, req: Request): string | undefined {
  const token = bearerOf(req);
  const id = token === undefined ? undefined : readOrganisationToken(deps, token);
  return id === undefined ? undefined : `org_${id}`;
}

/** undefined: the token opens nothing. */
export async function organisationOfToken(
  deps: CallerDeps,
  token: string,
): Promise<AccountOrganisation | undefined> {
  const id = readOrganisationToken(deps, token);
  return id === undefined ? undefined : readOrganisation(deps.db, id);
}
