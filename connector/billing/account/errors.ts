/** The answers the billing API can end in beside those of the commands. Their codes are documented in docs/billing-api.md. */
import { ConnectorError } from '../../errors.ts';

/** Another organisation's subscription gets this too: whether it exists is not told. */
export const noSuchSubscription = () =>
  new ConnectorError({
    kind: 'absent',
    code: 'subscription_not_found',
    message: 'Your organisation has no such subscription.',
    advice: 'GET /api/v1/billing/summary lists them.',
  });

export const nothingAlive = () =>
  new ConnectorError({
    kind: 'permanent',
    code: 'no_active_subscription',
    message: 'Your organisation has no active subscription.',
    advice: 'Start a new one with POST /api/v1/billing/checkout.',
  });

/** @param subscriptions those to choose from, as the answer shows them */
export const ambiguous = (
  subscriptions: readonly {
    readonly id: string;
    readonly plan_key: string | null;
    readonly project: string | null;
  }[],
) =>
  new ConnectorError({
    kind: 'conflict',
    code: 'subscription_ambiguous',
    message: 'Your organisation has several active subscriptions.',
    advice: 'Say which one: send its id as "subscription".',
    details: { subscriptions },
  });

export const noCustomer = () =>
  new ConnectorError({
    kind: 'permanent',
    code: 'no_billing_customer',
    message: 'Your organisation has not bought anything yet.',
    advice: 'Start with POST /api/v1/billing/checkout.',
  });
