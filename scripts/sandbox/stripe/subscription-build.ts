/** Makes a subscription and its first invoice. https://docs.stripe.com/api/subscriptions/object */
import type { Core } from './core.ts';
import { dropOver, type GivenDiscount, redeem } from './discounts.ts';
import { newId } from './ids.ts';
import { draftInvoice } from './invoice-build.ts';
import { itemLine, oneTimeLine } from './invoice-lines.ts';
import { wholeList } from './list.ts';
import { DAY, periodEnd } from './periods.ts';
import type { Invoice, Metadata, Price, Subscription, SubscriptionItem } from './plain.ts';

export interface Order {
  readonly customer: string;
  readonly items: readonly { price: Price; quantity: number }[];
  /** One-time prices on the first invoice. */
  readonly extras: readonly { price: Price; quantity: number }[];
  readonly metadata: Metadata;
  readonly description: string | null;
  readonly paymentMethod: string | null;
  /** Unix seconds; null: none. */
  readonly trialEnd: number | null;
  readonly collection: 'charge_automatically' | 'send_invoice';
  readonly daysUntilDue: number | null;
  /** `incomplete` where the first payment is still to be tried. */
  readonly status: 'active' | 'incomplete';
  /** Recorded, not worked out: the sandbox knows no tax rates. */
  readonly automaticTax: boolean;
  readonly discounts?: readonly GivenDiscount[];
}

/** Stored and announced: `customer.subscription.created`, `invoice.created` (a draft still). */
export function createSubscription(
  core: Core,
  order: Order,
): { subscription: Subscription; invoice: Invoice } {
  const built = buildSubscription(core, order);
  const to = { customer: order.customer, subscription: built.id };
  const subscription = { ...built, discounts: redeem(core, order.discounts ?? [], to) };
  const items = subscription.items.data;
  core.tables.subscriptions.put(subscription.id, subscription);
  core.emit('customer.subscription.created', subscription);
  const invoice = draftInvoice(core, {
    id: subscription.latest_invoice!,
    subscription,
    reason: 'subscription_create',
    lines: [
      ...order.extras.map(({ price, quantity }) => oneTimeLine(core, subscription, price, quantity)),
      ...items.map((item) => itemLine(core, subscription, item)),
    ],
  });
  return { subscription: dropOver(core, subscription), invoice };
}

function buildSubscription(core: Core, order: Order): Subscription {
  const id = newId('sub');
  const now = core.now();
  const trialing = order.trialEnd !== null;
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: order.automaticTax, liability: null },
    billing_cycle_anchor: order.trialEnd ?? now,
    billing_cycle_anchor_config: null,
    billing_mode: { type: 'flexible', flexible: { proration_discounts: 'included' }, updated_at: now },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: order.collection,
    created: now,
    currency: order.items[0]!.price.currency,
    customer: order.customer,
    customer_account: null,
    days_until_due: order.daysUntilDue,
    default_payment_method: order.paymentMethod,
    default_source: null,
    default_tax_rates: [],
    description: order.description,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: wholeList(
      order.items.map(({ price, quantity }) =>
        createItem(core, { subscription: id, price, quantity, start: now, end: order.trialEnd }),
      ),
      `/v1/subscription_items?subscription=${id}`,
    ),
    latest_invoice: newId('in'),
    livemode: false,
    managed_payments: { enabled: false },
    metadata: order.metadata,
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: 'off',
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: now,
    status: trialing ? 'trialing' : order.status,
    test_clock: core.tables.customers.get(order.customer)?.test_clock ?? null,
    transfer_data: null,
    trial_end: order.trialEnd,
    trial_settings: {
      end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' },
    },
    trial_start: trialing ? now : null,
  };
}

/** @param input.end null: one interval of the price */
export function createItem(
  core: Core,
  input: { subscription: string; price: Price; quantity: number; start: number; end: number | null },
): SubscriptionItem {
  const { price, start } = input;
  const { interval, interval_count: count } = price.recurring!;
  return {
    id: newId('si'),
    object: 'subscription_item',
    billing_thresholds: null,
    created: core.now(),
    current_period_end:
      input.end ?? periodEnd({ start, interval: interval as 'month', count, anchor: start }),
    current_period_start: start,
    current_trial: null,
    discounts: [],
    metadata: {},
    plan: planOf(price),
    price,
    // "The quantity of the plan": there is none for what is counted by a meter (subscription_items.quantity).
    ...(price.recurring!.usage_type !== 'metered' && { quantity: input.quantity }),
    subscription: input.subscription,
    tax_rates: [],
  };
}

/** The older twin of a recurring price, still part of each item. */
export function planOf(price: Price): SubscriptionItem['plan'] {
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: price.recurring!.interval,
    interval_count: price.recurring!.interval_count,
    livemode: false,
    metadata: price.metadata,
    meter: price.recurring!.meter,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: price.recurring!.usage_type,
  };
}

export function trialEndOf(core: Core, days: number | null): number | null {
  return days === null || days === 0 ? null : core.now() + days * DAY;
}
