/** The buyer of an order at the payment provider: one customer per organisation. */
import type { Database } from '../db/database.ts';
import { asConnectorError } from '../errors.ts';
import type { CheckoutGateway, CustomerRequest } from './checkout-gateway.ts';
import { hasPaidOrder, type Order, raiseCustomerAttempt } from './orders.ts';
import { answeredForGood } from './session.ts';

interface CustomerDeps {
  readonly db: Database;
  readonly gateway: Pick<CheckoutGateway, 'createCustomer' | 'updateCustomer'>;
}

interface TrialDeps {
  readonly db: Database;
  readonly trialDays: number;
}

/**
 * The Stripe customer of the order's organisation, made when there is none yet.
 * @param changed the order's draft has just changed: an unpaid organisation's name and address follow
 */
export async function ensureCustomer(deps: CustomerDeps, order: Order, changed: boolean): Promise<string> {
  const { rows } = await deps.db.query<CustomerRequest & { customerId: string | null; attempt: number }>(
    `select id as "organisationId", name, contact_email as email, country, vat_id as "vatId", locale,
       provider_customer_id as "customerId", customer_attempt as attempt from organisations where id = $1`,
    [order.organisationId],
  );
  const { customerId, attempt, ...organisation } = rows[0]!;
  if (customerId !== null) {
    // A draft corrected before its first payment; what a paying customer is called at Stripe is theirs.
    if (changed && !(await hasPaidOrder(deps.db, order.organisationId)))
      await deps.gateway.updateCustomer(customerId, organisation);
    return customerId;
  }
  try {
    const made = await deps.gateway.createCustomer(organisation, attempt);
    const bound = await deps.db.query<{ id: string }>(
      `update organisations set provider_customer_id = coalesce(provider_customer_id, $2) where id = $1
       returning provider_customer_id as id`,
      [order.organisationId, made.customerId],
    );
    return bound.rows[0]!.id;
  } catch (thrown) {
    if (answeredForGood(asConnectorError(thrown))) await raiseCustomerAttempt(deps.db, order.organisationId);
    throw thrown;
  }
}

/** One trial per organisation, with its first subscription. */
export async function trialDays(deps: TrialDeps, order: Order): Promise<number> {
  if (deps.trialDays === 0) return 0;
  const { rowCount } = await deps.db.query(
    'select 1 from organisations where id = $1 and trial_used_at is not null',
    [order.organisationId],
  );
  return rowCount > 0 || (await hasPaidOrder(deps.db, order.organisationId)) ? 0 : deps.trialDays;
}
