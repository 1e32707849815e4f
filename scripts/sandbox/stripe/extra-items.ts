/** One-time items of an update's invoice, with a price or made up on the spot. https://docs.stripe.com/api/subscriptions/update#update_subscription-add_invoice_items */
import type { Core } from './core.ts';
import { invalid } from './errors.ts';
import { newId } from './ids.ts';
import { oneTimeLine } from './invoice-lines.ts';
import { priceOf, productOf } from './lookup.ts';
import { integer, list, object, required, text } from './params.ts';
import type { InvoiceLine, Price, Subscription } from './plain.ts';

export interface ExtraItem {
  readonly price?: string;
  readonly price_data?: { readonly currency: string; readonly product: string; readonly unit_amount: number };
  readonly quantity?: number;
}

export const EXTRA_ITEMS = list(
  object({
    price: text,
    price_data: object({
      currency: required(text),
      product: required(text),
      unit_amount: required(integer),
    }),
    quantity: integer,
  }),
);

export function extraLines(
  core: Core,
  subscription: Subscription,
  given: readonly ExtraItem[],
): InvoiceLine[] {
  return given.map(({ price, price_data: data, quantity = 1 }) => {
    if ((price === undefined) === (data === undefined))
      throw invalid('You must provide one of `price` or `price_data`.', { param: 'add_invoice_items' });
    const found =
      price === undefined ? madeUp(core, data!) : priceOf(core, price, 'add_invoice_items[0][price]');
    if (found.currency !== subscription.currency)
      throw invalid('All prices on a subscription must have the same currency.', {
        param: 'add_invoice_items',
      });
    return oneTimeLine(core, subscription, found, quantity);
  });
}

/** An inline price is not listed: it is inactive from the start. */
function madeUp(core: Core, data: NonNullable<ExtraItem['price_data']>): Price {
  return {
    id: newId('price'),
    object: 'price',
    active: false,
    billing_scheme: 'per_unit',
    created: core.now(),
    currency: data.currency.toLowerCase(),
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product: productOf(core, data.product, 'add_invoice_items[0][price_data][product]').id,
    recurring: null,
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: 'one_time',
    unit_amount: data.unit_amount,
    unit_amount_decimal: String(data.unit_amount),
  };
}
