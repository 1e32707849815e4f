/** Who a front end speaks for: proven by a token, named by its number. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { customerOf, readOrganisation } from '../../connector/billing/account/organisation.ts';
import {
  issueOrganisationToken,
  ORGANISATION_TOKEN_SECONDS,
  readOrganisationToken,
  tokenForOrganisation,
} from '../../connector/billing/organisation-token.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { seedSale } from '../support/seed.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

describe('an organisation token', () => {
  const secret = (fill: number) => Buffer.alloc(32, fill).toString('base64');
  const now = () => new Date('2026-11-21T00:00:00Z');
  const signer = { connectorSecrets: [secret(1)], now };

  it('speaks for one organisation until it expires', () => {
    const token = issueOrganisationToken(signer, 42, 60);
    expect(readOrganisationToken(signer, token)).toBe(42);
    const later = { ...signer, now: () => new Date('2026-11-21T00:01:00Z') };
    expect(readOrganisationToken(later, token)).toBeUndefined();
  });

  it('survives the rotation of the secret, and no forgery', () => {
    const token = issueOrganisationToken(signer, 42);
    expect(readOrganisationToken({ now, connectorSecrets: [secret(2), secret(1)] }, token)).toBe(42);
    expect(readOrganisationToken({ now, connectorSecrets: [secret(2)] }, token)).toBeUndefined();
    expect(readOrganisationToken(signer, token.replace('.42.', '.43.'))).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => readOrganisationToken(signer, text) === undefined));
  });

  it('is given to organisations there are', async () => {
    const { organisationId } = await seedSale(db);
    const { token, expiresInSeconds } = await tokenForOrganisation({ ...signer, db }, organisationId);
    expect(expiresInSeconds).toBe(ORGANISATION_TOKEN_SECONDS);
    expect(readOrganisationToken(signer, token)).toBe(organisationId);
    await expect(tokenForOrganisation({ ...signer, db }, 999_999)).rejects.toMatchObject({
      kind: 'absent',
      code: 'organisation_not_found',
    });
  });
});

describe('an organisation', () => {
  it('has a customer at the provider once it has bought something, and is told so until then', async () => {
    const { organisationId, customerId } = await seedSale(db);
    expect(customerOf((await readOrganisation(db, organisationId))!)).toBe(customerId);
    await db.query('update organisations set provider_customer_id = null where id = $1', [organisationId]);
    const fresh = (await readOrganisation(db, organisationId))!;
    expect(() => customerOf(fresh)).toThrow(expect.objectContaining({ code: 'no_billing_customer' }));
  });
});
