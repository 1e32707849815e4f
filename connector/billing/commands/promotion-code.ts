/** Redeems a promotion code for a running subscription, or drops what it has. */
import { type CommandDeps, change, readLiving } from './change.ts';
import { promotionCodeInvalid } from './errors.ts';
import type { LiveSubscription, SubscriptionGateway } from './subscription-gateway.ts';

/**
 * It lowers what is billed from the next invoice on, in the place of what it had. Redeemed already, nothing changes.
 * @throws ConnectorError permanent `promotion_code_invalid`, those of `readLiving`, the provider's
 */
export async function redeemPromotionCode(
  deps: CommandDeps,
  { subscriptionId, code }: { readonly subscriptionId: number; readonly code: string },
): Promise<LiveSubscription> {
  const { target, live } = await readLiving(deps, subscriptionId);
  if (has(live, code)) return live;
  const promotionCodeId = await promotionCodeIdOf(deps.gateway, code, target.customerId);
  return change(deps, {
    target,
    intent: 'redeem',
    body: { promotionCodeId },
    call: (key) => deps.gateway.redeem(target.providerId, promotionCodeId, key),
    done: (each) => has(each, code),
  });
}

/** Nothing to drop is no error. */
export async function dropDiscounts(
  deps: CommandDeps,
  { subscriptionId }: { readonly subscriptionId: number },
): Promise<LiveSubscription> {
  const { target, live } = await readLiving(deps, subscriptionId);
  if (live.discounts.length === 0) return live;
  return change(deps, {
    target,
    intent: 'drop_discounts',
    body: {},
    call: (key) => deps.gateway.dropDiscounts(target.providerId, key),
    done: ({ discounts }) => discounts.length === 0,
  });
}

/** @throws ConnectorError permanent `promotion_code_invalid`: nobody has made it, or it is over */
export async function promotionCodeIdOf(
  gateway: Pick<SubscriptionGateway, 'promotionCode'>,
  code: string,
  customerId: string,
): Promise<string> {
  const found = await gateway.promotionCode(code, customerId);
  if (found === null) throw promotionCodeInvalid();
  return found;
}

const has = ({ discounts }: LiveSubscription, code: string): boolean =>
  discounts.some((each) => each.code?.toLowerCase() === code.toLowerCase());
