/** What an update of items makes of a subscription and bills: the same for the preview and for the update itself. */
import type { Core } from './core.ts';
import { invalid } from './errors.ts';
import { type ExtraItem, extraLines } from './extra-items.ts';
import { itemLine } from './invoice-lines.ts';
import type { InvoiceLine, Subscription } from './plain.ts';
import { beginsPeriod, prorate } from './proration.ts';
import { changedItems, type GivenItems } from './subscription-items.ts';

export interface PlannedUpdate {
  readonly after: Subscription;
  /** Unused and remaining time. */
  readonly prorations: readonly InvoiceLine[];
  /** Periods that begin now, and one-time items: billed at once. */
  readonly dueNow: readonly InvoiceLine[];
  /** Whether an invoice is made at once. */
  readonly billNow: boolean;
}

/**
 * "We generate an immediate invoice if the billing interval is changed, the subscription moves from free to paid, or a
 * trial starts or ends; in these cases we … reset the billing date." (https://docs.stripe.com/api/subscriptions/update)
 */
export function plannedUpdate(
  core: Core,
  before: Subscription,
  params: {
    readonly items: GivenItems;
    readonly resets: boolean;
    readonly behaviour: string | undefined;
    readonly prorationDate: number | undefined;
    readonly extras: readonly ExtraItem[];
  },
): PlannedUpdate {
  const { behaviour, resets } = params;
  checkDate(before, params.prorationDate, behaviour);
  const items = changedItems(core, before, { given: params.items, resets });
  const begun = items.filter((item) => beginsPeriod(before, item));
  const after: Subscription = {
    ...before,
    items: { ...before.items, data: items },
    ...((resets || begun.length === items.length) && before.status !== 'trialing'
      ? { billing_cycle_anchor: core.now() }
      : {}),
  };
  const prorations =
    behaviour === 'none' ? [] : prorate({ core, before, after, at: params.prorationDate ?? core.now() });
  const dueNow = [
    ...begun.map((item) => itemLine(core, after, item)),
    ...extraLines(core, after, params.extras),
  ];
  const any = prorations.length + dueNow.length > 0;
  return { after, prorations, dueNow, billNow: dueNow.length > 0 || (behaviour === 'always_invoice' && any) };
}

/** "The time given must be within the current subscription period" (invoices.create_preview, proration_date) */
function checkDate(before: Subscription, at: number | undefined, behaviour: string | undefined): void {
  if (at === undefined) return;
  if (behaviour === 'none')
    throw invalid('You cannot pass proration_date with proration_behavior=none.', {
      param: 'proration_date',
    });
  const starts = before.items.data.map((item) => item.current_period_start);
  const ends = before.items.data.map((item) => item.current_period_end);
  if (at < Math.min(...starts) || at > Math.max(...ends))
    throw invalid('The proration date must be within the current period.', { param: 'proration_date' });
}
