/** From "this plan" to the subscription's items: which are changed, added and taken away. */
import { meteredLookupKey, recurringLookupKey, setupLookupKey } from '../../lookup-keys.ts';
import type { BillingInterval, Catalogue, Plan } from '../catalogue.ts';
import { inCurrency } from '../in-currency.ts';
import { type ClassifiedChange, classifyChange, type PlanState } from '../plan-change.ts';
import { findAddOn, findPlan } from '../plans.ts';
import { addOnInTheWay } from './addon-errors.ts';
import { noPriceForTier, notOurPlan, tierNotFound } from './errors.ts';
import type {
  ItemChange,
  LiveItem,
  LiveSubscription,
  PlanChange,
  SubscriptionGateway,
} from './subscription-gateway.ts';

export interface PlannedChange {
  readonly from: PlanState;
  readonly to: PlanState;
  readonly kind: ClassifiedChange;
  readonly plan: Plan;
  readonly change: Omit<PlanChange, 'prorationDate'>;
  /** Per interval from then on, before taxes and discounts; minor units. */
  readonly recurringAmount: number;
}

interface Planning {
  readonly catalogue: Catalogue;
  readonly gateway: Pick<SubscriptionGateway, 'prices'>;
}

/**
 * @param wanted what is left out stays as it is
 * @throws ConnectorError absent `tier_not_found`, permanent `no_price_for_tier`, permanent `not_our_plan`,
 *   those of `addOnsAfter`
 */
export async function plannedChange(
  { catalogue: own, gateway }: Planning,
  live: LiveSubscription,
  wanted: { readonly planKey?: string; readonly interval?: BillingInterval; readonly quantity?: number },
): Promise<PlannedChange> {
  const catalogue = inCurrency(own, live.currency);
  const suffix = catalogue.lookupSuffix;
  const main = mainItem(live);
  const from = stateOf(main);
  const planKey = wanted.planKey ?? from.planKey;
  const interval = wanted.interval ?? from.interval;
  const plan = findPlan(catalogue, planKey);
  if (plan === undefined) throw tierNotFound(planKey);
  const price = plan.prices[interval];
  if (price === undefined) throw noPriceForTier(planKey, interval);
  const quantity = plan.usage === 'per_user' ? (wanted.quantity ?? from.quantity) : 1;
  const to = { planKey, interval, quantity };
  const kind = classifyChange(catalogue, { from, to, trialing: live.status === 'trialing' });
  if (kind === undefined) throw notOurPlan();
  // Somebody who keeps plan and interval keeps the price too: an older or an agreed one.
  const keeps = from.planKey === planKey && from.interval === interval;
  const metered = keeps
    ? []
    : plan.metered.map((meter) => `${meteredLookupKey(planKey, meter.key, interval)}${suffix}`);
  const recurring = `${recurringLookupKey(planKey, interval)}${suffix}`;
  const setup = kind.setupDue > 0 && kind.when === 'now' ? `${setupLookupKey(planKey)}${suffix}` : null;
  const addOns = addOnsAfter(catalogue, live, { planKey, interval });
  const moved = addOns.flatMap(({ lookupKey }) => lookupKey ?? []);
  const lookupKeys = [
    ...(keeps ? [] : [recurring]),
    ...metered,
    ...moved,
    ...(setup === null ? [] : [setup]),
  ];
  const prices = lookupKeys.length === 0 ? {} : await gateway.prices(lookupKeys);
  const old = keeps
    ? []
    : live.items.filter((item) => item.role === 'metered' && item.planKey === from.planKey);
  const items: ItemChange[] = [
    { id: main.id, priceId: keeps ? main.priceId : prices[recurring]!, quantity },
    ...addOns.flatMap(({ item: { id, quantity: each }, lookupKey }) =>
      lookupKey === undefined ? [] : [{ id, priceId: prices[lookupKey]!, quantity: each }],
    ),
    ...old.map(({ id }) => ({ id })),
    ...metered.map((key) => ({ priceId: prices[key]! })),
  ];
  return {
    from,
    to,
    kind,
    plan,
    change: {
      items,
      interval,
      setup: setup === null ? null : { priceId: prices[setup]!, amount: kind.setupDue },
    },
    recurringAmount:
      (keeps ? main.unitAmount : price) * quantity +
      addOns.reduce((sum, { item, unitAmount }) => sum + unitAmount * item.quantity, 0),
  };
}

/**
 * Add-ons come along: one invoice has them and the plan, so they follow its interval.
 * @throws ConnectorError permanent `addon_not_compatible`, `addon_without_price`
 */
function addOnsAfter(
  catalogue: Catalogue,
  live: LiveSubscription,
  to: { readonly planKey: string; readonly interval: BillingInterval },
): { item: LiveItem; lookupKey?: string; unitAmount: number }[] {
  return live.items.flatMap((item) => {
    const addOn = item.addOnKey === null ? undefined : findAddOn(catalogue, item.addOnKey);
    if (addOn === undefined) return [];
    if (addOn.plans !== null && !addOn.plans.includes(to.planKey))
      throw addOnInTheWay(addOn.name, 'addon_not_compatible');
    if (item.interval === to.interval) return [{ item, unitAmount: item.unitAmount ?? 0 }];
    const unitAmount = addOn.prices[to.interval];
    if (unitAmount === undefined) throw addOnInTheWay(addOn.name, 'addon_without_price');
    return [
      {
        item,
        lookupKey: `${recurringLookupKey(addOn.key, to.interval)}${catalogue.lookupSuffix}`,
        unitAmount,
      },
    ];
  });
}

type PricedItem = LiveItem & { readonly planKey: string; readonly unitAmount: number };

/** The item that carries the plan. @throws ConnectorError permanent `not_our_plan` */
export function mainItem(live: LiveSubscription): PricedItem {
  const ours = live.items.filter(
    (item): item is PricedItem => item.planKey !== null && item.unitAmount !== null,
  );
  const main = ours.find(({ role }) => role === 'recurring') ?? ours[0];
  if (main === undefined) throw notOurPlan();
  return main;
}

function stateOf({ planKey, interval, quantity }: PricedItem): PlanState {
  if (interval !== 'month' && interval !== 'year') throw notOurPlan();
  return { planKey, interval, quantity };
}
