/** Ends a subscription, at the end of what is paid or now. */

import { hasEnded } from '../has-ended.ts';
import { type CommandDeps, change, readLiving } from './change.ts';
import { revokeScheduled } from './revoke-scheduled.ts';
import type { CancelReason, LiveSubscription } from './subscription-gateway.ts';

export interface Cancel {
  readonly subscriptionId: number;
  readonly when: 'period_end' | 'now';
  readonly reason?: Partial<CancelReason>;
}

/**
 * A change scheduled for the period's end is dropped: it would never come. Asked again, it changes nothing.
 * @throws ConnectorError absent `subscription_not_found`, permanent `no_active_subscription`, the provider's
 */
export async function cancel(deps: CommandDeps, input: Cancel): Promise<LiveSubscription> {
  const { target, live } = await readLiving(deps, input.subscriptionId);
  const reason = { feedback: input.reason?.feedback ?? null, comment: input.reason?.comment ?? null };
  const now = input.when === 'now';
  const done = (each: LiveSubscription) => hasEnded(each) || (!now && each.cancelAtPeriodEnd);
  if (done(live)) return live;
  // "The subscription is managed by a schedule": Stripe refuses a cancellation beside one.
  const free = live.scheduleId === null ? target : await revokeScheduled(deps, target, live);
  return change(deps, {
    target: free,
    intent: now ? 'cancel_now' : 'cancel_at_period_end',
    body: reason,
    call: (key) =>
      now
        ? deps.gateway.cancelNow(target.providerId, reason, key)
        : deps.gateway.cancelAtPeriodEnd(target.providerId, reason, key),
    done,
  });
}
