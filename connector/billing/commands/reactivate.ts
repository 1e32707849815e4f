/** Takes back a cancellation before it happens. */
import { type CommandDeps, change, readLiving } from './change.ts';
import { notCancelled } from './errors.ts';
import type { LiveSubscription } from './subscription-gateway.ts';

const isCancelled = (live: LiveSubscription) => live.cancelAtPeriodEnd || live.cancelAt !== null;

/**
 * @throws ConnectorError permanent `subscription_not_cancelled`, permanent `no_active_subscription`,
 *   absent `subscription_not_found`, the provider's
 */
export async function reactivate(
  deps: CommandDeps,
  input: { readonly subscriptionId: number },
): Promise<LiveSubscription> {
  const { target, live } = await readLiving(deps, input.subscriptionId);
  if (!isCancelled(live)) throw notCancelled();
  return change(deps, {
    target,
    intent: 'reactivate',
    body: { cancelAt: live.cancelAt },
    call: (key) => deps.gateway.keepOn(live, key),
    done: (each) => !isCancelled(each),
  });
}
