/** The answers a change of a subscription can end in. Their codes are documented in docs/subscriptions.md. */
import { ConnectorError } from '../../errors.ts';
import type { LiveSubscription } from './subscription-gateway.ts';

export const subscriptionNotFound = (named: number | string) =>
  new ConnectorError({
    kind: 'absent',
    code: 'subscription_not_found',
    message: `There is no subscription ${named}.`,
    advice:
      'List them with "cli subscriptions list"; one made at Stripe is adopted by its customer’s next sync.',
  });

export const noActiveSubscription = () =>
  new ConnectorError({
    kind: 'permanent',
    code: 'no_active_subscription',
    message: 'The subscription has ended.',
    advice: 'Start a new one; within the retention time it names the project and everything is restored.',
  });

export const notCancelled = () =>
  new ConnectorError({
    kind: 'permanent',
    code: 'subscription_not_cancelled',
    message: 'The subscription is not set to end.',
    advice: 'There is nothing to take back.',
  });

export const tierNotFound = (planKey: string) =>
  new ConnectorError({
    kind: 'absent',
    code: 'tier_not_found',
    message: `There is no plan ${planKey}.`,
    advice: 'The plans are those of mappings/plans.json.',
  });

export const noPriceForTier = (planKey: string, interval: string) =>
  new ConnectorError({
    kind: 'permanent',
    code: 'no_price_for_tier',
    message: `Plan ${planKey} is not sold by the ${interval}.`,
    advice: 'Choose another plan or interval.',
  });

export const noPaymentMethod = () =>
  new ConnectorError({
    kind: 'permanent',
    code: 'no_payment_method',
    message: 'The customer has no card on file.',
    advice: 'Let the customer save one in the billing portal, or sell it at the checkout.',
  });

export const notOurPlan = () =>
  new ConnectorError({
    kind: 'permanent',
    code: 'not_our_plan',
    message: 'The subscription is of a product that is not in the catalogue.',
    advice: 'Change it in the Stripe Dashboard.',
  });

export const nothingToChange = () =>
  new ConnectorError({
    kind: 'permanent',
    code: 'nothing_to_change',
    message: 'The subscription is so already.',
    advice: 'To drop a change that is scheduled, revoke it.',
  });

export const previewOutOfDate = (message: string) =>
  new ConnectorError({
    kind: 'conflict',
    code: 'preview_out_of_date',
    message,
    advice: 'Ask for a new preview and confirm that one.',
  });

const NOT_CHANGEABLE: Readonly<Record<string, string>> = {
  past_due: 'Its last payment failed: pay the open invoice first.',
  unpaid: 'Its last payment failed: pay the open invoice first.',
  incomplete: 'Its first payment is not there yet: pay the open invoice first.',
  paused: 'It is paused: resume it first.',
};

/** @throws ConnectorError conflict `subscription_not_changeable` */
export function requireChangeable(
  live: Pick<LiveSubscription, 'status' | 'cancelAt' | 'updatePending' | 'scheduled'>,
  { besideSchedule = true }: { readonly besideSchedule?: boolean } = {},
): void {
  const advice =
    NOT_CHANGEABLE[live.status] ??
    (live.cancelAt !== null ? 'It is set to end: reactivate it first.' : undefined) ??
    (live.scheduled !== null && !besideSchedule ? 'A change is scheduled: revoke it first.' : undefined) ??
    (live.updatePending ? 'A change waits for its payment: pay its invoice, or wait 23 hours.' : undefined);
  if (advice === undefined) return;
  throw new ConnectorError({
    kind: 'conflict',
    code: 'subscription_not_changeable',
    message: 'The subscription cannot be changed now.',
    advice,
  });
}

export const promotionCodeInvalid = () =>
  new ConnectorError({
    kind: 'permanent',
    code: 'promotion_code_invalid',
    message: 'This promotion code cannot be used.',
    advice: 'It may be mistyped, over, or meant for another customer.',
  });

export const notPaused = () =>
  new ConnectorError({
    kind: 'permanent',
    code: 'subscription_not_paused',
    message: 'The subscription is not paused.',
    advice: 'There is nothing to resume.',
  });

export const notOnTrial = (message: string) =>
  new ConnectorError({
    kind: 'permanent',
    code: 'not_on_trial',
    message,
    advice: 'A trial is begun with a new subscription.',
  });

export const nothingScheduled = () =>
  new ConnectorError({
    kind: 'permanent',
    code: 'nothing_scheduled',
    message: 'No change is scheduled.',
    advice: 'There is nothing to revoke.',
  });
