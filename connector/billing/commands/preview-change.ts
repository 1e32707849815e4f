/** What a change of plan, interval or quantity would cost and when it would come. Changes nothing. */
import type { BillingInterval, ChangeTime } from '../catalogue.ts';
import { type OverLimit, overLimits } from '../over-limits.ts';
import type { ChangePart, PlanState } from '../plan-change.ts';
import { readLiving } from './change.ts';
import type { CreateDeps } from './create.ts';
import { nothingToChange, requireChangeable } from './errors.ts';
import { plannedChange } from './planned-change.ts';
import { issuePreview, stateOf } from './preview-token.ts';
import type { InvoicePreview } from './subscription-gateway.ts';
import { readUsage } from './usage.ts';

export interface PlanDeps extends CreateDeps {
  readonly connectorSecrets: readonly string[];
}

export interface ChangeRequest {
  readonly subscriptionId: number;
  /** What is left out stays as it is. */
  readonly planKey?: string;
  readonly interval?: BillingInterval;
  /** Users of a plan priced per user. */
  readonly quantity?: number;
}

/** Amounts in minor units of the invoice's currency; negative lines are credits. */
export interface ChangePreview {
  readonly from: PlanState;
  readonly to: PlanState;
  readonly parts: readonly ChangePart[];
  readonly when: ChangeTime;
  readonly effectiveAt: Date;
  /** Charged at once; all zero and without lines when it comes at the end of the period. */
  readonly invoice: InvoicePreview;
  /** Per interval from then on, before taxes and discounts. */
  readonly recurringAmount: number;
  /** What the customer has beyond the new plan's limits: listed, not deleted. */
  readonly overLimits: readonly OverLimit[];
  /** Confirms exactly this. */
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * @throws ConnectorError absent `tier_not_found`, permanent `no_price_for_tier`, permanent `not_our_plan`,
 *   permanent `nothing_to_change`, conflict `subscription_not_changeable`, those of `readLiving`, the provider's
 */
export async function previewChange(deps: PlanDeps, request: ChangeRequest): Promise<ChangePreview> {
  const { target, live } = await readLiving(deps, request.subscriptionId);
  requireChangeable(live);
  const { from, to, kind, plan, change: items, recurringAmount } = await plannedChange(deps, live, request);
  if (kind.parts.length === 0) throw nothingToChange();
  const change = { ...items, prorationDate: Math.floor(deps.now().getTime() / 1000) };
  const invoice =
    kind.when === 'now' ? await deps.gateway.previewChange(live, change) : nothingDue(live.currency);
  return {
    from,
    to,
    parts: kind.parts,
    when: kind.when,
    effectiveAt: kind.when === 'now' ? deps.now() : live.currentPeriodEnd,
    invoice,
    recurringAmount,
    overLimits: overLimits(plan, await readUsage(deps.db, target)),
    ...issuePreview(deps, {
      subscriptionId: target.id,
      when: kind.when,
      change,
      amountDue: invoice.amountDue,
      currency: invoice.currency,
      state: stateOf(live),
    }),
  };
}

const nothingDue = (currency: string): InvoicePreview => ({
  currency,
  lines: [],
  subtotal: 0,
  taxes: [],
  total: 0,
  discount: 0,
  amountDue: 0,
});
