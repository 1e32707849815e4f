/** Drops a change that was to come at the end of the period. */
import { type CommandDeps, change, readTarget, type Target } from './change.ts';
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
