/** Orders: one draft is one order, with its own organisation, project and stakeholders. */
import type { Database, Sql, Tx } from '../db/database.ts';
import { hashToken } from '../secrets/token.ts';
import type { BillingInterval } from './catalogue.ts';
import { findDuplicate } from './duplicates.ts';
import type { OrderInput, OrganisationInput } from './order-form.ts';

/** How long the link to an order works: long enough to come back to a slow bank transfer, no longer than needed. */
const TOKEN_DAYS = 60;

export interface Order {
  readonly id: number;
  readonly organisationId: number;
  readonly projectId: number;
  readonly planKey: string;
  readonly interval: BillingInterval;
  readonly quantity: number;
  /** ISO 4217, lower case; null: the catalogue's own. */
  readonly currency: string | null;
  readonly state: 'draft' | 'open' | 'paid' | 'abandoned';
  /** Attempt group of Stripe's idempotency keys. */
  readonly sessionAttempt: number;
  /** The offer whose link it came by. */
  readonly offerId: number | null;
  readonly createdAt: Date;
}

interface NewOrder {
  readonly input: OrderInput;
  readonly token: string;
  readonly now: Date;
  readonly quantity: number;
  /** A known organisation, proven by a token; left out: always a new one, whatever the input claims. */
  readonly organisationId?: number;
  readonly offerId?: number;
}

const ORDER = `id, organisation_id as "organisationId", project_id as "projectId", plan_key as "planKey",
  billing_interval as "interval", quantity, currency, state, session_attempt as "sessionAttempt", offer_id as "offerId", created_at as "createdAt"`;

/** Writes organisation (unless known), project, stakeholders and order. */
export async function createOrder(tx: Tx, order: NewOrder): Promise<Order> {
  const { input, now } = order;
  const organisationId =
    order.organisationId ?? (await createOrganisation(tx, input.organisation!, input.locale, now));
  const project = await tx.query<{ id: number }>(
    `insert into projects (organisation_id, name, code, description, client, created_at)
     values ($1, $2, $3, $4, $5, $6) returning id`,
    [organisationId, ...projectValues(input), now],
  );
  const projectId = project.rows[0]!.id;
  await insertStakeholders(tx, projectId, input.stakeholders);
  const expires = new Date(now.getTime() + TOKEN_DAYS * 86_400_000);
  const { rows } = await tx.query<Order>(
    `insert into orders (organisation_id, project_id, plan_key, billing_interval, quantity, token_hash, token_expires_at, created_at, offer_id,
       currency)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning ${ORDER}`,
    [
      organisationId,
      projectId,
      input.plan,
      input.interval,
      order.quantity,
      hashToken(order.token),
      expires,
      now,
      order.offerId ?? null,
      input.currency ?? null,
    ],
  );
  return rows[0]!;
}

/**
 * Brings an unpaid order in line with a changed draft. The organisation's own data change only while nothing of it is
 * paid: a paid customer's name is not rewritten from a form.
 */
export async function updateOrder(tx: Tx, order: Order, input: OrderInput, quantity: number): Promise<Order> {
  if (input.organisation && !(await hasPaidOrder(tx, order.organisationId))) {
    const { name, country, vat_id, contact_name, contact_email } = input.organisation;
    await tx.query(
      `update organisations set name = $2, country = $3, vat_id = $4, contact_name = $5, contact_email = $6,
         locale = $7, looks_like_duplicate_of = $8 where id = $1`,
      [
        order.organisationId,
        name,
        country,
        vat_id || null,
        contact_name,
        contact_email,
        input.locale ?? 'en',
        await findDuplicate(tx, input.organisation, order.organisationId),
      ],
    );
  }
  await tx.query('update projects set name = $2, code = $3, description = $4, client = $5 where id = $1', [
    order.projectId,
    ...projectValues(input),
  ]);
  await tx.query('delete from stakeholders where project_id = $1', [order.projectId]);
  await insertStakeholders(tx, order.projectId, input.stakeholders);
  const { rows } = await tx.query<Order>(
    `update orders set plan_key = $2, billing_interval = $3, quantity = $4, currency = $5 where id = $1 returning ${ORDER}`,
    [order.id, input.plan, input.interval, quantity, input.currency ?? null],
  );
  return rows[0]!;
}

/** The order a token opens; undefined: unknown or expired, and nobody is told which. */
export async function findOrder(sql: Sql, token: string, now: Date): Promise<Order | undefined> {
  const { rows } = await sql.query<Order>(
    `select ${ORDER} from orders where (token_hash = $1 or mail_token_hash = $1) and token_expires_at > $2`,
    [hashToken(token), now],
  );
  return rows[0];
}

/** Whether any order has this token, expired or not: it is not given to a second one. */
export async function tokenIsTaken(sql: Sql, token: string): Promise<boolean> {
  const { rowCount } = await sql.query('select 1 from orders where token_hash = $1 or mail_token_hash = $1', [
    hashToken(token),
  ]);
  return rowCount > 0;
}

/** One transaction at a time may make the order of this token. PGlite has one session, and so runs one at a time anyway. */
export async function lockToken(tx: Tx, token: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [hashToken(token)]);
}

/** The order, its row locked until the transaction ends: sessions of one order are opened one at a time. */
export async function lockOrder(tx: Tx, orderId: number): Promise<Order> {
  const { rows } = await tx.query<Order>(`select ${ORDER} from orders where id = $1 for update`, [orderId]);
  return rows[0]!;
}

/** The same for the one customer that all orders of an organisation share. */
export async function raiseCustomerAttempt(db: Database, organisationId: number): Promise<void> {
  await db.query('update organisations set customer_attempt = customer_attempt + 1 where id = $1', [
    organisationId,
  ]);
}

/** Raises the attempt group of its sessions: Stripe gave a final answer that it would only repeat. */
export async function raiseAttempt(db: Database, orderId: number): Promise<void> {
  await db.query('update orders set session_attempt = session_attempt + 1 where id = $1', [orderId]);
}

export async function hasPaidOrder(sql: Sql, organisationId: number): Promise<boolean> {
  const { rowCount } = await sql.query(
    `select 1 from orders where organisation_id = $1 and state = 'paid' limit 1`,
    [organisationId],
  );
  return rowCount > 0;
}

async function createOrganisation(
  tx: Tx,
  input: OrganisationInput,
  locale: string | undefined,
  now: Date,
): Promise<number> {
  const { rows } = await tx.query<{ id: number }>(
    `insert into organisations
       (name, country, vat_id, contact_name, contact_email, locale, looks_like_duplicate_of, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
    [
      input.name,
      input.country,
      input.vat_id || null,
      input.contact_name,
      input.contact_email,
      locale ?? 'en',
      await findDuplicate(tx, input, null),
      now,
    ],
  );
  return rows[0]!.id;
}

/** The project's columns, in the order in which they are written. */
export function projectValues({ project }: OrderInput): readonly string[] {
  return [project.name, project.code, project.description ?? '', project.client ?? ''];
}

async function insertStakeholders(
  tx: Tx,
  projectId: number,
  list: OrderInput['stakeholders'],
): Promise<void> {
  await tx.query(
    `insert into stakeholders (project_id, position, name, email, role)
     select $1, (row_number() over (order by item.ordinality))::int, item.value ->> 'name', item.value ->> 'email', item.value ->> 'role'
     from jsonb_array_elements($2::jsonb) with ordinality as item`,
    [projectId, JSON.stringify(list)],
  );
}
