import type { BillingInterval } from '../../billing/catalogue.ts';
import type { ChangeRequest } from '../../billing/commands/preview-change.ts';

/** A change of plan as it travels → as the command takes it; what is left out stays as it is. */
export function changeRequest(
  subscriptionId: number,
  body: Readonly<Record<string, unknown>>,
): ChangeRequest {
  const { plan_key, interval, quantity } = body as {
    plan_key?: string;
    interval?: BillingInterval;
    quantity?: number;
  };
  return {
    subscriptionId,
    ...(plan_key !== undefined && { planKey: plan_key }),
    ...(interval !== undefined && { interval }),
    ...(quantity !== undefined && { quantity }),
  };
}
