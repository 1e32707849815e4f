/** Subscription schedules: begun from a subscription, with phases, released. https://docs.stripe.com/api/subscription_schedules */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { DISCOUNTS, type GivenDiscount } from './discounts.ts';
import { invalid, missing } from './errors.ts';
import { newId } from './ids.ts';
import { inRange, newestFirst, page } from './list.ts';
import { priceOf, subscriptionOf } from './lookup.ts';
import { mergeMetadata } from './metadata.ts';
import { flag, integer, list, map, object, oneOf, PAGING, range, required, text } from './params.ts';
import { type Interval, periodEnd, periodEndOf } from './periods.ts';
import type { Plain, Schedule, Subscription } from './plain.ts';
import { route } from './route.ts';
import { createItem, planOf } from './subscription-build.ts';
import { cancelSubscription } from './subscription-cancel.ts';
import { change, update } from './update.ts';

type Update = Plain<Stripe.SubscriptionScheduleUpdateParams>;
type List = Plain<Stripe.SubscriptionScheduleListParams>;
type Phase = Schedule['phases'][number];

const BEHAVIOUR = oneOf('always_invoice', 'create_prorations', 'none');
// `iterations` is refused since 2025-09-30.clover: phases last for a `duration`.
const PHASE = object({
  items: required(list(object({ price: required(text), quantity: integer, metadata: map }))),
  discounts: DISCOUNTS,
  start_date: text,
  end_date: text,
  duration: object({ interval: required(oneOf('day', 'week', 'month', 'year')), interval_count: integer }),
  proration_behavior: BEHAVIOUR,
  metadata: map,
});

export const scheduleRoutes = [
  route<{ from_subscription: string }>(
    'POST',
    '/v1/subscription_schedules',
    { from_subscription: required(text) },
    ({ core, params }) =>
      fromSubscription(core, subscriptionOf(core, params.from_subscription, 'from_subscription')),
  ),
  route('GET', '/v1/subscription_schedules/:id', {}, ({ core, id }) => scheduleOf(core, id)),
  route<Update>(
    'POST',
    '/v1/subscription_schedules/:id',
    {
      end_behavior: oneOf('cancel', 'release'),
      metadata: map,
      phases: list(PHASE),
      proration_behavior: BEHAVIOUR,
    },
    ({ core, id, params }) => updateSchedule(core, living(core, id), params),
  ),
  route<{ preserve_cancel_date?: boolean }>(
    'POST',
    '/v1/subscription_schedules/:id/release',
    { preserve_cancel_date: flag },
    ({ core, id }) => release(core, living(core, id)),
  ),
  route<List>(
    'GET',
    '/v1/subscription_schedules',
    { ...PAGING, created: range, customer: text, scheduled: flag },
    ({ core, params, path }) =>
      page(
        newestFirst(core.tables.schedules.all()).filter(
          (one) =>
            (params.customer === undefined || one.customer === params.customer) &&
            inRange(one.created, params.created),
        ),
        params,
        path,
      ),
  ),
];

export function scheduleOf(core: Core, id: string): Schedule {
  const schedule = core.tables.schedules.get(id);
  if (!schedule) throw missing('subscription_schedule', id);
  return schedule;
}

function living(core: Core, id: string): Schedule {
  const schedule = scheduleOf(core, id);
  if (schedule.status === 'active') return schedule;
  throw invalid(
    `You cannot update a subscription schedule that is currently in the \`${schedule.status}\` status.`,
  );
}

function fromSubscription(core: Core, subscription: Subscription): Schedule {
  if (subscription.schedule)
    throw invalid('You cannot migrate a subscription that is already attached to a schedule.');
  if (subscription.ended_at || subscription.status === 'incomplete')
    throw invalid(`You cannot migrate a subscription in the \`${subscription.status}\` status.`);
  const phase = phaseOf(core, subscription, {
    start: Math.min(...subscription.items.data.map((item) => item.current_period_start)),
    end: periodEndOf(subscription),
    items: subscription.items.data.map(({ price, quantity }) => ({
      price: price.id,
      quantity: quantity ?? undefined,
    })),
    discounts: subscription.discounts.map((discount) => ({ discount: discount as string })),
  });
  const schedule: Schedule = {
    id: newId('sub_sched'),
    object: 'subscription_schedule',
    application: null,
    billing_mode: { type: 'flexible', flexible: { proration_discounts: 'included' } },
    canceled_at: null,
    completed_at: null,
    created: core.now(),
    current_phase: { start_date: phase.start_date, end_date: phase.end_date },
    customer: subscription.customer!,
    customer_account: null,
    default_settings: {
      application_fee_percent: null,
      billing_cycle_anchor: 'automatic',
      billing_thresholds: null,
      collection_method: subscription.collection_method,
      default_payment_method: subscription.default_payment_method,
      description: null,
      invoice_settings: {
        account_tax_ids: null,
        custom_fields: null,
        days_until_due: null,
        description: null,
        footer: null,
        issuer: { type: 'self' },
      },
      on_behalf_of: null,
      transfer_data: null,
    },
    end_behavior: 'release',
    livemode: false,
    metadata: {},
    pause_schedules: [],
    phases: [phase],
    released_at: null,
    released_subscription: null,
    status: 'active',
    subscription: subscription.id,
    test_clock: subscription.test_clock,
  };
  core.tables.schedules.put(schedule.id, schedule);
  core.emit('subscription_schedule.created', schedule);
  update(core, core.tables.subscriptions, 'customer.subscription.updated', subscription, {
    schedule: schedule.id,
  });
  return schedule;
}

/** Phases follow each other; the current one must be named again with its start. */
function updateSchedule(core: Core, schedule: Schedule, params: Update): Schedule {
  const subscription = subscriptionOf(core, schedule.subscription!);
  const phases: Phase[] = [];
  for (const given of params.phases ?? []) {
    const start = given.start_date === undefined ? phases.at(-1)?.end_date : Number(given.start_date);
    if (start === undefined || (phases.length > 0 && start !== phases.at(-1)!.end_date))
      throw invalid('Phases must follow each other without a gap.', { param: 'phases' });
    if (phases.length === 0 && start !== schedule.current_phase?.start_date)
      throw invalid('You can not modify the start date of the current phase.', {
        param: 'phases[0][start_date]',
      });
    phases.push(
      phaseOf(core, subscription, {
        start,
        end: endOf(start, given),
        items: given.items,
        discounts: given.discounts || [],
        metadata: mergeMetadata(null, given.metadata),
        behaviour: given.proration_behavior,
      }),
    );
  }
  if (phases.length > 0)
    update(core, core.tables.subscriptions, 'customer.subscription.updated', subscription, {
      discounts: discountsOf(phases[0]!),
    });
  return update(core, core.tables.schedules, 'subscription_schedule.updated', schedule, {
    ...(params.end_behavior !== undefined && { end_behavior: params.end_behavior }),
    ...(phases.length > 0 && {
      phases,
      current_phase: { start_date: phases[0]!.start_date, end_date: phases[0]!.end_date },
    }),
  });
}

function endOf(start: number, { end_date, duration }: NonNullable<Update['phases']>[number]): number {
  if ((end_date === undefined) === (duration === undefined))
    throw invalid('Each phase needs one of end_date and duration.', { param: 'phases' });
  if (duration === undefined) return Number(end_date);
  const { interval, interval_count: count = 1 } = duration;
  return periodEnd({ start, interval: interval as Interval, count, anchor: start });
}

function phaseOf(
  core: Core,
  subscription: Subscription,
  input: {
    start: number;
    end: number;
    items: readonly {
      price?: string | undefined;
      quantity?: number | undefined;
      metadata?: Parameters<typeof mergeMetadata>[1];
    }[];
    discounts: readonly GivenDiscount[];
    metadata?: Record<string, string>;
    behaviour?: string | undefined;
  },
): Phase {
  return {
    add_invoice_items: [],
    application_fee_percent: null,
    billing_cycle_anchor: null,
    billing_thresholds: null,
    collection_method: null,
    currency: subscription.currency,
    default_payment_method: null,
    default_tax_rates: [],
    description: null,
    discounts: input.discounts.map(({ coupon, discount, promotion_code }) => ({
      coupon: coupon ?? null,
      discount: discount ?? null,
      promotion_code: promotion_code ?? null,
    })),
    end_date: input.end,
    invoice_settings: null,
    items: input.items.map(({ price, quantity, metadata }) => ({
      billing_thresholds: null,
      discounts: [],
      metadata: mergeMetadata(null, metadata),
      plan: priceOf(core, price ?? '').id,
      price: priceOf(core, price ?? '', 'phases[0][items][0][price]').id,
      quantity: quantity ?? 1,
      tax_rates: [],
    })),
    metadata: input.metadata ?? {},
    on_behalf_of: null,
    proration_behavior: input.behaviour ?? 'create_prorations',
    start_date: input.start,
    transfer_data: null,
    trial_end: null,
  };
}

function release(core: Core, schedule: Schedule): Schedule {
  const subscription = subscriptionOf(core, schedule.subscription!);
  const released = update(core, core.tables.schedules, 'subscription_schedule.released', schedule, {
    status: 'released',
    released_at: core.now(),
    released_subscription: subscription.id,
    subscription: null,
    current_phase: null,
  });
  update(core, core.tables.subscriptions, 'customer.subscription.updated', subscription, { schedule: null });
  return released;
}

/** A phase is over: the next one's prices hold, or the schedule lets go. */
export function nextPhase(core: Core, subscription: Subscription, schedule: Schedule): void {
  const next = schedule.phases.find(({ start_date }) => start_date === schedule.current_phase!.end_date);
  if (next === undefined) {
    if (schedule.end_behavior === 'cancel') cancelSubscription(core, subscription, 'cancellation_requested');
    else {
      change(core.tables.schedules, schedule, { completed_at: core.now() });
      release(core, scheduleOf(core, schedule.id));
    }
    return;
  }
  update(core, core.tables.schedules, 'subscription_schedule.updated', schedule, {
    current_phase: { start_date: next.start_date, end_date: next.end_date },
  });
  update(core, core.tables.subscriptions, 'customer.subscription.updated', subscription, {
    items: { ...subscription.items, data: itemsOf(core, subscription, next) },
    discounts: discountsOf(next),
  });
}

/** Those that the phase names, and no other: what it leaves out is gone. */
const discountsOf = ({ discounts }: Phase): string[] =>
  discounts.flatMap(({ discount }) => (discount as string) ?? []);

/** Items keep their id where the price stays, else by their place; the renewal of this moment bills them. */
export function itemsOf(core: Core, subscription: Subscription, phase: Phase): Subscription['items']['data'] {
  const rest = [...subscription.items.data];
  const take = (price: string) => {
    const at = rest.findIndex((item) => item.price.id === price);
    return rest.splice(Math.max(0, at), 1)[0];
  };
  return phase.items.map((wanted) => {
    const price = priceOf(core, wanted.price);
    const quantity = wanted.quantity ?? 1;
    const old = take(price.id);
    if (old?.price.id === price.id)
      return { ...old, quantity, metadata: mergeMetadata(old.metadata, wanted.metadata ?? {}) };
    // Another price is another thing: only what the phase says of it is known.
    if (old)
      return {
        ...old,
        price,
        plan: planOf(price),
        quantity,
        metadata: mergeMetadata(null, wanted.metadata ?? {}),
      };
    const made = createItem(core, {
      subscription: subscription.id,
      price,
      quantity,
      start: core.now(),
      end: null,
    });
    // Joins the period just over, so that the renewal takes it along.
    const { current_period_start, current_period_end } = subscription.items.data[0]!;
    return { ...made, current_period_start, current_period_end };
  });
}
