/** The subscription gateway over Stripe. https://docs.stripe.com/api/subscriptions */
import type {
  CancelReason,
  LiveSubscription,
  SubscriptionGateway,
} from '../billing/commands/subscription-gateway.ts';
import type { Stripe } from './client.ts';
import { stripeCall } from './errors.ts';
import { EXPAND, liveSubscription } from './live-subscription.ts';
import { createPlanKeys } from './plan-keys.ts';

export function createSubscriptionGateway(stripe: Stripe): SubscriptionGateway {
  const planKeys = createPlanKeys(stripe);

  async function read(id: string): Promise<LiveSubscription> {
    const found = await stripeCall(() => stripe.subscriptions.retrieve(id, { expand: EXPAND }));
    return liveSubscription(found, planKeys);
  }

  /** A repeated request is answered as the first time, whatever has happened since: then it is read. */
  async function now(id: string, call: () => Promise<Stripe.Response<unknown>>): Promise<LiveSubscription> {
    const answer = await stripeCall(call);
    const replayed = answer.lastResponse.headers['idempotent-replayed'] === 'true';
    const whole = (answer as unknown as Stripe.Subscription).object === 'subscription';
    return replayed || !whole
      ? read(id)
      : liveSubscription(answer as unknown as Stripe.Subscription, planKeys);
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
          { cancellation_details: details(reason), expand: EXPAND },
          { idempotencyKey },
        ),
      ),
    keepOn: ({ providerId, cancelAtPeriodEnd }, key) =>
      // A date of its own is cleared by an empty value (subscriptions.update, cancel_at).
      update(providerId, cancelAtPeriodEnd ? { cancel_at_period_end: false } : { cancel_at: '' }, key),
    releaseSchedule: ({ providerId, scheduleId }, idempotencyKey) =>
      now(providerId, () => stripe.subscriptionSchedules.release(scheduleId!, {}, { idempotencyKey })),
  };
}

/** What is left out stays as it is at Stripe. */
function details({ feedback, comment }: CancelReason): Stripe.SubscriptionUpdateParams.CancellationDetails {
  return { ...(feedback !== null && { feedback }), ...(comment !== null && { comment }) };
}
