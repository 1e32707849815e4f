/** Drops a change that was to come at the end of the period. */
import { type CommandDeps, change, readLiving, readTarget, type Target } from './change.ts';
import { nothingScheduled } from './errors.ts';
import type { LiveSubscription } from './subscription-gateway.ts';

/** @returns the target as it is afterwards, its next change under a new key */
export async function revokeScheduled(
  deps: CommandDeps,
  target: Target,
  live: LiveSubscription,
): Promise<Target> {
  await change(deps, {
    target,
    intent: 'release_schedule',
    body: { schedule: live.scheduleId },
    call: (key) => deps.gateway.releaseSchedule(live, key),
    done: (each) => each.scheduleId === null,
  });
  return readTarget(deps.db, target.id);
}

/**
 * Keeps the present plan.
 * @throws ConnectorError permanent `nothing_scheduled`, those of `readLiving`, the provider's
 */
export async function revokeChange(
  deps: CommandDeps,
  input: { readonly subscriptionId: number },
): Promise<LiveSubscription> {
  const { target, live } = await readLiving(deps, input.subscriptionId);
  if (live.scheduled === null) throw nothingScheduled();
  await revokeScheduled(deps, target, live);
  return deps.gateway.read(target.providerId);
}
