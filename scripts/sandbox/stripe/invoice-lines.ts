/** Lines of an invoice. https://docs.stripe.com/api/invoice-line-item/object */
import type { Core } from './core.ts';
import { newId } from './ids.ts';
import type { InvoiceLine, Price, Subscription, SubscriptionItem } from './plain.ts';

interface LineInput {
  readonly price: Price;
  readonly quantity: number;
  /** Minor units; left out: price times quantity. */
  readonly amount?: number;
  readonly description: string;
  readonly period: { start: number; end: number };
  readonly subscription: Subscription;
}

/** Price times quantity, minor units. */
export function amountOf(price: Price, quantity: number): number {
  // What is billed by meter is added up when its period is over; nothing is due before.
  if (price.recurring?.usage_type === 'metered') return 0;
  return Math.round(Number(price.unit_amount_decimal ?? 0) * quantity);
}

function line(input: LineInput, parent: InvoiceLine['parent']): InvoiceLine {
  const amount = input.amount ?? amountOf(input.price, input.quantity);
  return {
    id: newId('il'),
    object: 'line_item',
    amount,
    currency: input.price.currency,
    description: input.description,
    discount_amounts: [],
    discountable: parent?.invoice_item_details?.proration !== true,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: input.subscription.metadata,
    parent,
    period: input.period,
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: input.price.id, product: input.price.product },
      type: 'price_details',
      unit_amount_decimal: input.price.unit_amount_decimal,
    },
    quantity: input.quantity,
    quantity_decimal: String(input.quantity),
    subscription: input.subscription.id,
    subtotal: amount,
    taxes: [],
  };
}

/**
 * One recurring item for one period; in a trial at no charge.
 * @param used of what is billed by meter: units of the period just over
 */
export function itemLine(
  core: Core,
  subscription: Subscription,
  item: SubscriptionItem,
  used?: number,
): InvoiceLine {
  const quantity = used ?? item.quantity ?? 1;
  const name = productName(core, item.price);
  const trial = subscription.status === 'trialing';
  return line(
    {
      price: item.price,
      quantity,
      ...(used !== undefined && { amount: Math.round(Number(item.price.unit_amount_decimal) * used) }),
      ...(trial && { amount: 0 }),
      description: trial ? `Trial period for ${name}` : `${quantity} × ${name}`,
      period: { start: item.current_period_start, end: item.current_period_end },
      subscription,
    },
    {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: false,
        proration_details: { credited_items: null },
        subscription: subscription.id,
        subscription_item: item.id,
      },
      type: 'subscription_item_details',
    },
  );
}

/** A one-time price on a subscription's invoice, such as a set-up fee: an invoice item, not a subscription item. */
export function oneTimeLine(
  core: Core,
  subscription: Subscription,
  price: Price,
  quantity: number,
): InvoiceLine {
  const now = core.now();
  return line(
    {
      price,
      quantity,
      description: productName(core, price),
      period: { start: now, end: now },
      subscription,
    },
    {
      invoice_item_details: {
        invoice_item: newId('ii'),
        proration: false,
        proration_details: { credited_items: null },
        subscription: subscription.id,
      },
      subscription_item_details: null,
      type: 'invoice_item_details',
    },
  );
}

/** Part of a period, charged or credited because of a change. https://docs.stripe.com/billing/subscriptions/prorations */
export function prorationLine(input: {
  core: Core;
  subscription: Subscription;
  item: SubscriptionItem;
  amount: number;
  at: number;
}): InvoiceLine {
  const { core, subscription, item, amount, at } = input;
  const name = productName(core, item.price);
  return line(
    {
      price: item.price,
      quantity: item.quantity ?? 1,
      amount,
      description: amount < 0 ? `Unused time on ${name}` : `Remaining time on ${name}`,
      period: { start: at, end: item.current_period_end },
      subscription,
    },
    {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: newId('ii'),
        proration: true,
        proration_details: { credited_items: null },
        subscription: subscription.id,
        subscription_item: item.id,
      },
      type: 'subscription_item_details',
    },
  );
}

function productName(core: Core, price: Price): string {
  return core.tables.products.get(price.product)?.name ?? price.product;
}
