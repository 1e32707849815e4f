/** The subscription gateway over Stripe. https://docs.stripe.com/api/subscriptions */
import type {
  CancelReason,
  LiveSubscription,
  NewSubscription,
  SubscriptionGateway,
} from '../billing/commands/subscription-gateway.ts';
import type { Stripe } from './client.ts';
import { seconds } from './dates.ts';
import { stripeCall } from './errors.ts';
import { EXPAND, liveSubscription } from './live-subscription.ts';
import { paymentMethodOnFile } from './payment-method.ts';
import { changeParams, previewPlanChange, schedulePlanChange } from './plan-change.ts';
import { createPricePlans } from './price-plans.ts';
import { pricesOnSale } from './prices-on-sale.ts';
import { findPromotionCode, refusedCode } from './promotion-codes.ts';

export function createSubscriptionGateway(stripe: Stripe): SubscriptionGateway {
  const plans = createPricePlans(stripe);

  async function read(id: string): Promise<LiveSubscription> {
    const found = await stripeCall(() => stripe.subscriptions.retrieve(id, { expand: EXPAND }));
    return liveSubscription(found, plans);
  }

  /** A repeated request is answered as the first time, whatever has happened since: then it is read. */
  async function now(id: string, call: () => Promise<Stripe.Response<unknown>>): Promise<LiveSubscription> {
    const answer = await stripeCall(call);
    const replayed = answer.lastResponse.headers['idempotent-replayed'] === 'true';
    const whole = (answer as unknown as Stripe.Subscription).object === 'subscription';
    return replayed || !whole ? read(id) : liveSubscription(answer as unknown as Stripe.Subscription, plans);
  }

  const update = (id: string, params: Stripe.SubscriptionUpdateParams, idempotencyKey: string) =>
    now(id, () => stripe.subscriptions.update(id, { ...params, expand: EXPAND }, { idempotencyKey }));

  return {
    read,
    cancelAtPeriodEnd: (id, reason, key) =>
      update(id, { cancel_at_period_end: true, cancellation_details: details(reason) }, key),
    cancelNow: (id, reason, idempotencyKey) =>
      now(id, () =>
        stripe.subscriptions.cancel(
          id,
          {
            // What was used by meter, sold once or is to be credited would be lost (subscriptions.cancel, invoice_now).
            invoice_now: true,
            // What is paid is not given back.
            prorate: false,
            cancellation_details: details(reason),
            expand: EXPAND,
          },
          { idempotencyKey },
        ),
      ),
    keepOn: ({ providerId, cancelAtPeriodEnd }, key) =>
      // A date of its own is cleared by an empty value (subscriptions.update, cancel_at).
      update(providerId, cancelAtPeriodEnd ? { cancel_at_period_end: false } : { cancel_at: '' }, key),
    releaseSchedule: ({ providerId, scheduleId }, idempotencyKey) =>
      now(providerId, () => stripe.subscriptionSchedules.release(scheduleId!, {}, { idempotencyKey })),
    previewChange: (live, change) => previewPlanChange({ stripe, plans }, live, change),
    changeNow: async (live, change, key) =>
      update(live.providerId, await changeParams({ plans }, live, change), key),
    async changeAtPeriodEnd(live, change, key) {
      await schedulePlanChange({ stripe, plans }, live, { change, key });
      return read(live.providerId);
    },
    async payUrl(providerId) {
      const { latest_invoice } = await stripeCall(() =>
        stripe.subscriptions.retrieve(providerId, { expand: ['latest_invoice'] }),
      );
      // Expanded; what is open is finalized, and so has a page.
      const newest = latest_invoice as Stripe.Invoice | null;
      return newest?.status === 'open' ? newest.hosted_invoice_url! : null;
    },
    pause: ({ providerId }, idempotencyKey) =>
      now(providerId, () => stripe.subscriptions.pause(providerId, { expand: EXPAND }, { idempotencyKey })),
    resume: ({ providerId, status }, idempotencyKey) =>
      status === 'paused'
        ? now(providerId, () =>
            stripe.subscriptions.resume(
              providerId,
              {
                // A new period from today; "stays paused until payment succeeds" (subscriptions.resume, payment_behavior).
                billing_cycle_anchor: { type: 'now' },
                payment_behavior: 'resume_on_payment_success',
                expand: EXPAND,
              },
              { idempotencyKey },
            ),
          )
        : update(providerId, { pause_collection: '' }, idempotencyKey),
    setTrialEnd: ({ providerId }, end, key) =>
      update(
        providerId,
        { trial_end: end === 'now' ? 'now' : seconds(end), proration_behavior: 'none' },
        key,
      ),
    promotionCode: (code, customerId) => findPromotionCode(stripe, code, customerId),
    redeem: (id, promotion_code, key) =>
      refusedCode(() => update(id, { discounts: [{ promotion_code }] }, key)),
    dropDiscounts: (id, key) => update(id, { discounts: '' }, key),
    prices: (lookupKeys) => pricesOnSale(stripe, lookupKeys),
    paymentMethod: (customerId) => paymentMethodOnFile(stripe, customerId),
    async findMadeBy(customer, requestId) {
      const list = await stripeCall(() =>
        stripe.subscriptions
          .list({ customer, status: 'all', limit: 100, expand: EXPAND.map((path) => `data.${path}`) })
          .autoPagingToArray({ limit: 10_000 }),
      );
      const found = list.find(({ metadata }) => metadata.request_id === requestId);
      return found === undefined ? null : liveSubscription(found, plans);
    },
    async create(input, idempotencyKey) {
      const made = await refusedCode(() =>
        stripeCall(() => stripe.subscriptions.create(newParams(input), { idempotencyKey })),
      );
      return liveSubscription(made, plans);
    },
  };
}

/** What is left out stays as it is at Stripe. */
function details({ feedback, comment }: CancelReason): Stripe.SubscriptionUpdateParams.CancellationDetails {
  return { ...(feedback !== null && { feedback }), ...(comment !== null && { comment }) };
}

function newParams(input: NewSubscription): Stripe.SubscriptionCreateParams {
  const { orderId, installation, requestId, trialDays, setup, paymentMethodId } = input;
  return {
    customer: input.customerId,
    items: [
      { price: input.recurring, quantity: input.quantity },
      ...input.metered.map((price) => ({ price })),
    ],
    ...(setup !== null && { add_invoice_items: [{ price: setup }] }),
    ...(paymentMethodId !== null && { default_payment_method: paymentMethodId }),
    ...(trialDays > 0 && { trial_period_days: trialDays }),
    ...(input.promotionCodeId !== null && { discounts: [{ promotion_code: input.promotionCodeId }] }),
    ...(input.automaticTax && { automatic_tax: { enabled: true } }),
    metadata: { installation, request_id: requestId, ...(orderId !== null && { order_id: String(orderId) }) },
    // Refused as a whole when the card is: nothing half-made is left (subscriptions.create, payment_behavior).
    payment_behavior: 'error_if_incomplete',
    off_session: true,
    expand: EXPAND,
  };
}
