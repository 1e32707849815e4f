/** Carries out what was previewed: for exactly that amount, or not at all. */
import { change, readLiving, type Target } from './change.ts';
import { previewOutOfDate } from './errors.ts';
import type { PlanDeps } from './preview-change.ts';
import { type PreviewClaims, readPreview, stateOf } from './preview-token.ts';
import { revokeScheduled } from './revoke-scheduled.ts';
import type { ItemChange, LiveSubscription } from './subscription-gateway.ts';

export interface ConfirmedChange {
  readonly subscription: LiveSubscription;
  /**
   * - `changed`: in effect and charged.
   * - `scheduled`: comes at the end of the period.
   * - `payment_pending`: nothing is changed until its invoice is paid, at `payUrl`, within 23 hours.
   */
  readonly outcome: 'changed' | 'scheduled' | 'payment_pending';
  readonly payUrl: string | null;
}

/**
 * The amount is asked of the provider once more, as of the previewed moment: a credit, a coupon or a tax that came in
 * between refuses the change. Confirmed twice, the second is answered with what the first has done.
 * @throws ConnectorError conflict `preview_out_of_date`, those of `readLiving`, the provider's
 */
export async function confirmChange(
  deps: PlanDeps,
  input: { readonly subscriptionId: number; readonly token: string },
): Promise<ConfirmedChange> {
  const claims = readPreview(deps, input);
  const { target, live } = await readLiving(deps, input.subscriptionId);
  if (isCarriedOut(live, claims)) return answer(deps, claims, live);
  if (stateOf(live) !== claims.state)
    throw previewOutOfDate('The subscription was changed since the preview.');
  if (claims.when === 'now') await requireSameAmount(deps, live, claims);
  return answer(deps, claims, await carryOut(deps, target, { live, claims }));
}

async function requireSameAmount(
  deps: PlanDeps,
  live: LiveSubscription,
  claims: PreviewClaims,
): Promise<void> {
  const { amountDue, currency } = await deps.gateway.previewChange(live, claims.change);
  if (amountDue !== claims.amountDue || currency !== claims.currency)
    throw previewOutOfDate('The amount is no longer the same.');
}

async function carryOut(
  deps: PlanDeps,
  target: Target,
  { live, claims }: { live: LiveSubscription; claims: PreviewClaims },
): Promise<LiveSubscription> {
  const now = claims.when === 'now';
  // Beside a schedule, Stripe takes no pending update; what was to come is superseded.
  const free = now && live.scheduleId !== null ? await revokeScheduled(deps, target, live) : target;
  return change(deps, {
    target: free,
    intent: now ? 'change_plan' : 'schedule_plan',
    body: claims.change,
    call: (key) =>
      now
        ? deps.gateway.changeNow(live, claims.change, key)
        : deps.gateway.changeAtPeriodEnd(live, claims.change, key),
    done: (each) => isCarriedOut(each, claims) || each.updatePending,
  });
}

function isCarriedOut(live: LiveSubscription, { when, change: { items } }: PreviewClaims): boolean {
  if (when === 'now') return items.every((item) => isThere(live, item));
  const main = items[0]!;
  return live.scheduled?.priceId === main.priceId && live.scheduled?.quantity === main.quantity;
}

function isThere(live: LiveSubscription, wanted: ItemChange): boolean {
  if (wanted.priceId === undefined) return live.items.every(({ id }) => id !== wanted.id);
  return live.items.some(
    ({ priceId, quantity }) =>
      priceId === wanted.priceId && (wanted.quantity === undefined || quantity === wanted.quantity),
  );
}

async function answer(
  deps: PlanDeps,
  claims: PreviewClaims,
  subscription: LiveSubscription,
): Promise<ConfirmedChange> {
  if (claims.when === 'period_end') return { subscription, outcome: 'scheduled', payUrl: null };
  if (isCarriedOut(subscription, claims)) return { subscription, outcome: 'changed', payUrl: null };
  const payUrl = await deps.gateway.payUrl(subscription.providerId);
  return { subscription, outcome: 'payment_pending', payUrl };
}
