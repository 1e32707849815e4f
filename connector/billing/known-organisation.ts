/** Who buys, when a token says so; input alone proves nothing. */
import type { Database } from '../db/database.ts';
import { tokenRefused } from './checkout-errors.ts';
import { findOrder } from './orders.ts';
import { readOrganisationToken } from './organisation-token.ts';

interface KnownDeps {
  readonly db: Database;
  readonly now: () => Date;
  readonly connectorSecrets: readonly string[];
}

/**
 * Which organisation a bearer token proves; undefined: none was sent.
 * @throws ConnectorError permanent `token_refused`
 */
export async function knownOrganisation(
  deps: KnownDeps,
  bearer: string | undefined,
): Promise<number | undefined> {
  if (bearer === undefined) return undefined;
  const fromToken = readOrganisationToken(deps, bearer);
  if (fromToken !== undefined) {
    const { rowCount } = await deps.db.query('select 1 from organisations where id = $1', [fromToken]);
    if (rowCount > 0) return fromToken;
    throw tokenRefused();
  }
  const order = await findOrder(deps.db, bearer, deps.now());
  if (order?.state !== 'paid') throw tokenRefused();
  return order.organisationId;
}
