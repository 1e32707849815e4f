/** The answers a change of a subscription can end in. Their codes are documented in docs/subscriptions.md. */
import { ConnectorError } from '../../errors.ts';

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
