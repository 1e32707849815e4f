/** Prolongs a trial, or ends it now. A new one is begun only with a new subscription. */
import { type CommandDeps, change, readLiving } from './change.ts';
import { notOnTrial } from './errors.ts';
import type { LiveSubscription } from './subscription-gateway.ts';

/** Stripe's longest trial (subscriptions.update, trial_end: "at most two years from the billing cycle anchor"). */
const LONGEST_MS = 2 * 365 * 86_400_000;

/**
 * @param input.end a moment to come, or now: the first period is charged at once
 * @throws ConnectorError permanent `not_on_trial`, those of `readLiving`, the provider's
 */
export async function setTrialEnd(
  deps: CommandDeps,
  input: { readonly subscriptionId: number; readonly end: Date | 'now' },
): Promise<LiveSubscription> {
  const { target, live } = await readLiving(deps, input.subscriptionId);
  const { end } = input;
  const ahead = end === 'now' ? 1 : end.getTime() - deps.now().getTime();
  if (live.status !== 'trialing') throw notOnTrial('It is not on trial.');
  if (!(ahead > 0 && ahead < LONGEST_MS)) throw notOnTrial('A trial ends within the next two years.');
  const wanted = end === 'now' ? null : Math.floor(end.getTime() / 1000);
  return change(deps, {
    target,
    intent: 'trial_end',
    body: { end: wanted ?? 'now', was: live.trialEnd },
    call: (key) => deps.gateway.setTrialEnd(live, end, key),
    done: (each) =>
      wanted === null ? each.status !== 'trialing' : each.trialEnd?.getTime() === wanted * 1000,
  });
}
