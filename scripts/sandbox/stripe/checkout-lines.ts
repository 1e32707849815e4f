/** The cart of a Checkout Session. https://docs.stripe.com/api/checkout/sessions/line_items */
import type Stripe from 'stripe';
import type { SessionCreate } from './checkout-check.ts';
import type { Core } from './core.ts';
import { invalid, invalidParameter } from './errors.ts';
import { amountOf } from './invoice-lines.ts';
import { priceOf } from './lookup.ts';
import type { LineItem, Plain, Price, Session } from './plain.ts';
import { createPrice } from './prices.ts';

export interface Line {
  readonly price: Price;
  readonly quantity: number;
}

/** @throws StripeFault without a recurring price, with mixed currencies, an inactive price, no quantity */
export function readLines(core: Core, params: SessionCreate): Line[] {
  const lines = (params.line_items ?? []).map((line, index): Line => {
    const param = `line_items[${index}]`;
    if ((line.price === undefined) === (line.price_data === undefined)) {
      throw invalid('Each line item needs one of price and price_data.', { param });
    }
    const price = line.price
      ? priceOf(core, line.price, `${param}[price]`)
      : inlinePrice(core, line.price_data);
    if (!price.active)
      throw invalid('The price specified is inactive. This field only accepts active prices.', { param });
    if (line.quantity === undefined && price.recurring?.usage_type !== 'metered') {
      throw invalidParameter('Quantity is required.', `${param}[quantity]`, 'parameter_missing');
    }
    return { price, quantity: line.quantity ?? 0 };
  });
  if (!lines.some(({ price }) => price.type === 'recurring')) {
    throw invalid('You must provide at least one recurring price in `subscription` mode.', {
      param: 'line_items',
    });
  }
  if (new Set(lines.map(({ price }) => price.currency)).size > 1) {
    throw invalid('All prices must have the same currency.', { param: 'line_items' });
  }
  return lines;
}

// price_data comes unread (it mirrors a price's own parameters): numbers and flags are still text.
function inlinePrice(core: Core, data: unknown): Price {
  const given = data as Record<string, never> & { recurring?: { interval_count?: string } };
  return createPrice(core, {
    ...(given as unknown as Plain<Stripe.PriceCreateParams>),
    unit_amount: Number(given.unit_amount),
    ...(given.recurring && {
      recurring: {
        ...(given.recurring as object),
        interval_count: Number(given.recurring.interval_count ?? 1),
      } as never,
    }),
  });
}

/** Minor units; a trial leaves recurring prices out. */
export function dueNow({ price, quantity }: Line, trialDays: number | null): number {
  return trialDays && price.type === 'recurring' ? 0 : amountOf(price, quantity);
}

export function lineItemsOf(core: Core, session: Session): LineItem[] {
  const plan = core.tables.checkoutPlans.get(session.id)!;
  return plan.items.map(({ priceId, quantity }, index) => {
    const price = priceOf(core, priceId);
    const amount = dueNow({ price, quantity }, plan.trialDays);
    return {
      id: `li_${session.id.slice(8)}${index}`,
      object: 'item',
      adjustable_quantity: null,
      amount_discount: 0,
      amount_subtotal: amount,
      amount_tax: 0,
      amount_total: amount,
      currency: price.currency,
      description: core.tables.products.get(price.product)?.name ?? null,
      discounts: [],
      metadata: {},
      price,
      quantity,
      taxes: [],
    };
  });
}
