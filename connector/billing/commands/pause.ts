/** Rests a subscription and takes it up again. */
import { type CommandDeps, change, readLiving } from './change.ts';
import { notPaused, requireChangeable } from './errors.ts';
import { revokeScheduled } from './revoke-scheduled.ts';
import type { LiveSubscription } from './subscription-gateway.ts';

interface Input {
  readonly subscriptionId: number;
}

/**
 * No invoices and no new periods until it is resumed; the rest of what is paid is credited then. A subscription with a
 * change scheduled cannot rest: Stripe pauses none that has a schedule.
 * @throws ConnectorError conflict `subscription_not_changeable`, those of `readLiving`, the provider's
 */
export async function pause(deps: CommandDeps, { subscriptionId }: Input): Promise<LiveSubscription> {
  const { target, live } = await readLiving(deps, subscriptionId);
  if (live.status === 'paused') return live;
  requireChangeable(live, { besideSchedule: false });
  // One whose last phase has begun: nothing more would come of it.
  const free = live.scheduleId === null ? target : await revokeScheduled(deps, target, live);
  return change(deps, {
    target: free,
    intent: 'pause',
    body: {},
    call: (key) => deps.gateway.pause(live, key),
    done: (each) => each.status === 'paused',
  });
}

/**
 * A new period begins and is charged at once; while that payment fails it stays paused. Where only the collecting of
 * payments rests (the Dashboard's "pause payment collection"), that is taken up again and no period begins.
 * @throws ConnectorError permanent `subscription_not_paused`, those of `readLiving`, the provider's
 */
export async function resume(deps: CommandDeps, { subscriptionId }: Input): Promise<LiveSubscription> {
  const { target, live } = await readLiving(deps, subscriptionId);
  if (live.status !== 'paused' && !live.collectionPaused) throw notPaused();
  return change(deps, {
    target,
    intent: 'resume',
    body: { status: live.status, collectionPaused: live.collectionPaused },
    call: (key) => deps.gateway.resume(live, key),
    // One whose payment failed stays paused: asked again at once it would only fail again.
    done: () => true,
  });
}
