/** What a salesperson offers by a checkout link: a plan, perhaps at a price of its own, for one opportunity; one order at most. */
import type { Database, Sql } from '../db/database.ts';
import { hashToken, newToken } from '../secrets/token.ts';
import type { Vault } from '../secrets/vault.ts';
import type { BillingInterval } from './catalogue.ts';
import type { OrganisationInput } from './order-form.ts';

/** How long a link to an offer works. */
const OFFER_DAYS = 30;

export interface CustomAmounts {
  /** Once, with the first invoice; minor units. */
  readonly setup: number;
  /** Per interval, minor units. */
  readonly recurring: number;
}

export interface Offer {
  readonly id: number;
  readonly planKey: string;
  readonly interval: BillingInterval;
  /** null: the plan's own prices. */
  readonly amounts: CustomAmounts | null;
  /** ISO 4217, lower case. */
  readonly currency: string;
  readonly expiresAt: Date;
}

export interface NewOffer {
  /** Of the press that asks for it: pressed once, made once. */
  readonly requestId: string;
  /** ERP id of the opportunity that the payment wins. */
  readonly leadId: number;
  readonly planKey: string;
  readonly interval: BillingInterval;
  readonly amounts: CustomAmounts | null;
  readonly currency: string;
  readonly prefill: Prefill;
  readonly locale: string;
}

export type Prefill = Required<OrganisationInput>;

interface OfferDeps {
  readonly db: Database;
  readonly vault: Vault;
  readonly now: () => Date;
}

const OFFER = `id, plan_key as "planKey", billing_interval as interval, currency, expires_at as "expiresAt",
  case when recurring_amount is null then null
       else jsonb_build_object('setup', setup_amount, 'recurring', recurring_amount) end as amounts`;

/** @returns its number, and the token of its link: the same for the same request */
export async function makeOffer(
  { db, vault, now }: OfferDeps,
  input: NewOffer,
): Promise<{ id: number; token: string; expiresAt: Date }> {
  const token = newToken();
  const context = `offer/${input.requestId}`;
  const expiresAt = new Date(now().getTime() + OFFER_DAYS * 86_400_000);
  const { rows } = await db.query<{ id: number; sealed: string; expiresAt: Date }>(
    `insert into offers as o (request_id, token_hash, token_sealed, order_token_sealed, lead_id, plan_key,
       billing_interval, setup_amount, recurring_amount, currency, prefill_sealed, locale, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     on conflict (request_id) do update set request_id = o.request_id
     returning id, token_sealed as sealed, expires_at as "expiresAt"`,
    [
      input.requestId,
      hashToken(token),
      vault.seal(token, `${context}/token`),
      vault.seal(newToken(), `${context}/order`),
      input.leadId,
      input.planKey,
      input.interval,
      input.amounts?.setup ?? null,
      input.amounts?.recurring ?? null,
      input.currency,
      vault.seal(JSON.stringify(input.prefill), `${context}/prefill`),
      input.locale,
      now(),
      expiresAt,
    ],
  );
  const row = rows[0]!;
  return { id: row.id, token: vault.open(row.sealed, `${context}/token`), expiresAt: row.expiresAt };
}

/** The offer a link opens; undefined: unknown or expired, and nobody is told which. */
export async function findOffer(sql: Sql, token: string, now: Date): Promise<Offer | undefined> {
  const { rows } = await sql.query<Offer>(
    `select ${OFFER} from offers where token_hash = $1 and expires_at > $2`,
    [hashToken(token), now],
  );
  return rows[0];
}

/** What the wizard begins with: company and contact, and the token of the one order this offer becomes. */
export async function beginOffer(
  { db, vault }: Pick<OfferDeps, 'db' | 'vault'>,
  offer: Offer,
): Promise<{ prefill: Prefill; orderToken: string }> {
  const { rows } = await db.query<{ request: string; prefill: string; order: string }>(
    'select request_id as request, prefill_sealed as prefill, order_token_sealed as "order" from offers where id = $1',
    [offer.id],
  );
  const { request, prefill, order } = rows[0]!;
  return {
    prefill: JSON.parse(vault.open(prefill, `offer/${request}/prefill`)) as Prefill,
    orderToken: vault.open(order, `offer/${request}/order`),
  };
}

/** The offer an order came by; undefined: it came by the wizard. */
export async function offerOfOrder(
  sql: Sql,
  orderId: number,
): Promise<(Offer & { readonly leadId: number }) | undefined> {
  const { rows } = await sql.query<Offer & { leadId: number }>(
    `select ${OFFER}, lead_id as "leadId" from offers
      where id = (select offer_id from orders where id = $1)`,
    [orderId],
  );
  return rows[0];
}

/** What was never opened is kept no longer than a never-paid order. */
export async function forgetOldOffers(sql: Sql, now: Date): Promise<void> {
  await sql.query(
    `delete from offers f where expires_at < $1::timestamptz - interval '60 days'
        and not exists (select 1 from orders o where o.offer_id = f.id)`,
    [now],
  );
}
