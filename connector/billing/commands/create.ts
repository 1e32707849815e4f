/** A new subscription for an organisation we know, charged to the card on file. */
import { asConnectorError, ConnectorError } from '../../errors.ts';
import { meteredLookupKey, recurringLookupKey, setupLookupKey } from '../../lookup-keys.ts';
import type { BillingInterval, Catalogue } from '../catalogue.ts';
import { inCurrency } from '../in-currency.ts';
import { findPlan } from '../plans.ts';
import { setupDueOnReturn } from '../return-setup.ts';
import { answeredForGood } from '../session.ts';
import { type CommandDeps, digest } from './change.ts';
import { noPaymentMethod, noPriceForTier, tierNotFound } from './errors.ts';
import { dropOrder, orderForRequest } from './order-for-request.ts';
import { promotionCodeIdOf } from './promotion-code.ts';
import type { LiveSubscription } from './subscription-gateway.ts';

export interface CreateDeps extends CommandDeps {
  readonly catalogue: Catalogue;
}

export interface Create {
  /** The provider's customer, cus_…. */
  readonly customerId: string;
  /** A plan of the catalogue, or one of the provider's prices. */
  readonly wanted:
    | { readonly planKey: string; readonly interval: BillingInterval }
    | { readonly priceId: string };
  /** Users of a plan priced per user, or how often a price is taken. Default 1. */
  readonly quantity?: number;
  /** Left out or 0: no trial. */
  readonly trialDays?: number;
  /** Whether the plan's set-up is charged with the first invoice. Default: where the plan has one; on a return by policy. */
  readonly setup?: boolean;
  /** As customers type it. */
  readonly promotionCode?: string;
  /** What it is for. Left out: it is recorded, staff are asked, and nothing is provisioned. */
  readonly projectId?: number;
  /** Names this wish: repeated with the same words, the same subscription is answered. */
  readonly requestId: string;
}

/**
 * @throws ConnectorError permanent `promotion_code_invalid`, absent `customer_not_found`, absent `tier_not_found`, permanent `no_price_for_tier`,
 *   absent `project_not_found`, permanent `no_payment_method`, permanent `stripe_card` when the card on file is refused (nothing is made then)
 */
export async function createSubscription(deps: CreateDeps, input: Create): Promise<LiveSubscription> {
  const organisationId = await organisationOf(deps, input.customerId);
  const before = await deps.gateway.findMadeBy(input.customerId, input.requestId);
  if (before !== null) return before;
  const prices = await pricesOf(deps, input);
  const paymentMethodId = await deps.gateway.paymentMethod(input.customerId);
  // A trial puts off the plan's price; its set-up is charged with the first invoice all the same.
  const chargedAtOnce = !input.trialDays || prices.setup !== null;
  if (paymentMethodId === null && chargedAtOnce) throw noPaymentMethod();
  const promotionCodeId =
    input.promotionCode === undefined
      ? null
      : await promotionCodeIdOf(deps.gateway, input.promotionCode, input.customerId);
  const quantity = quantityOf(deps.catalogue, input);
  const orderId = await orderOf(deps, { ...input, quantity }, organisationId);
  const request = {
    customerId: input.customerId,
    ...prices,
    quantity,
    trialDays: input.trialDays ?? 0,
    automaticTax: deps.catalogue.automaticTax,
    paymentMethodId,
    promotionCodeId,
    orderId,
    requestId: input.requestId,
    installation: deps.installation,
  };
  const key = ['subscribe', deps.installation, input.requestId, digest(request)];
  try {
    return await deps.gateway.create(request, key.join('_'));
  } catch (thrown) {
    // Its repetition makes another order, and so has another key: Stripe would repeat this answer.
    if (orderId !== null && answeredForGood(asConnectorError(thrown))) await dropOrder(deps.db, orderId);
    throw thrown;
  } finally {
    await deps.syncNow(input.customerId);
  }
}

/** As at the checkout: flat plans are sold once. Whoever names a price says how often. */
function quantityOf(catalogue: Catalogue, { wanted, quantity = 1 }: Create): number {
  if ('priceId' in wanted) return quantity;
  return findPlan(catalogue, wanted.planKey)?.usage === 'per_user' ? quantity : 1;
}

async function organisationOf({ db }: CreateDeps, customerId: string): Promise<number | null> {
  const { rows } = await db.query<{ organisationId: number | null }>(
    `select organisation_id as "organisationId" from customers where id = $1 and not deleted
      union all select id from organisations where provider_customer_id = $1 limit 1`,
    [customerId],
  );
  if (rows[0] !== undefined) return rows[0].organisationId;
  throw new ConnectorError({
    kind: 'absent',
    code: 'customer_not_found',
    message: `There is no customer ${customerId}.`,
    advice: 'Read it from Stripe first: npm run cli -- sync cus_….',
  });
}

async function pricesOf(
  { db, catalogue: own, gateway }: CreateDeps,
  { customerId, wanted, setup, projectId }: Create,
): Promise<{ recurring: string; metered: readonly string[]; setup: string | null }> {
  if ('priceId' in wanted) {
    return { recurring: wanted.priceId, metered: [], setup: null };
  }
  // A customer of the provider has one currency.
  const { rows } = await db.query<{ currency: string }>(
    'select currency from subscriptions where customer_id = $1 order by created desc, id desc limit 1',
    [customerId],
  );
  const catalogue = inCurrency(own, rows[0]?.currency ?? own.currency);
  const plan = findPlan(catalogue, wanted.planKey);
  if (plan === undefined) throw tierNotFound(wanted.planKey);
  if (plan.prices[wanted.interval] === undefined) throw noPriceForTier(plan.key, wanted.interval);
  const suffix = catalogue.lookupSuffix;
  const recurring = `${recurringLookupKey(plan.key, wanted.interval)}${suffix}`;
  const metered = plan.metered.map(
    (meter) => `${meteredLookupKey(plan.key, meter.key, wanted.interval)}${suffix}`,
  );
  const due = setup ?? (await setupDueOnReturn(db, own.changes, projectId));
  const oneTime = due && plan.setupAmount > 0 ? `${setupLookupKey(plan.key)}${suffix}` : null;
  const found = await gateway.prices([recurring, ...metered, ...(oneTime === null ? [] : [oneTime])]);
  return {
    recurring: found[recurring]!,
    metered: metered.map((key) => found[key]!),
    setup: oneTime === null ? null : found[oneTime]!,
  };
}

/** The order behind it is what provisioning asks for; repeated, the request finds the one it made. */
async function orderOf(
  { db, now }: CreateDeps,
  { wanted, projectId, quantity, requestId }: Create & { readonly quantity: number },
  organisationId: number | null,
): Promise<number | null> {
  if (projectId === undefined || !('planKey' in wanted)) return null;
  const { rowCount } = await db.query('select 1 from projects where id = $1 and organisation_id = $2', [
    projectId,
    organisationId,
  ]);
  if (rowCount === 0 || organisationId === null) {
    throw new ConnectorError({
      kind: 'absent',
      code: 'project_not_found',
      message: `This customer has no project ${projectId}.`,
      advice: 'A new project is bought at the checkout.',
    });
  }
  const { planKey, interval } = wanted;
  return orderForRequest(db, {
    organisationId,
    projectId,
    planKey,
    interval,
    quantity,
    now: now(),
    requestId,
  });
}
