/** Who a billing session speaks for. */
import type { Sql } from '../../db/database.ts';
import { noCustomer } from './errors.ts';

export interface AccountOrganisation {
  readonly id: number;
  readonly name: string;
  readonly country: string;
  readonly vatId: string | null;
  readonly contactName: string;
  readonly contactEmail: string;
  readonly locale: string;
  /** The provider's id of it; null: nothing was bought. */
  readonly customerId: string | null;
}

/** @returns undefined: there is none (any more) */
export async function readOrganisation(sql: Sql, id: number): Promise<AccountOrganisation | undefined> {
  const { rows } = await sql.query<AccountOrganisation>(
    `select id, name, country, vat_id as "vatId", contact_name as "contactName", contact_email as "contactEmail",
            locale, provider_customer_id as "customerId" from organisations where id = $1`,
    [id],
  );
  return rows[0];
}

/** @throws ConnectorError permanent `no_billing_customer` */
export function customerOf(organisation: AccountOrganisation): string {
  if (organisation.customerId === null) throw noCustomer();
  return organisation.customerId;
}

/** What it pays in: of its newest subscription; null: it has none yet. */
export async function currencyOfOrganisation(sql: Sql, organisationId: number): Promise<string | null> {
  const { rows } = await sql.query<{ currency: string }>(
    'select currency from subscriptions where organisation_id = $1 order by created desc, id desc limit 1',
    [organisationId],
  );
  return rows[0]?.currency ?? null;
}
