/** Prices: never edited in amount, found by lookup key. https://docs.stripe.com/api/prices */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { invalid } from './errors.ts';
import { newId } from './ids.ts';
import { inRange, newestFirst, page } from './list.ts';
import { priceOf, productOf } from './lookup.ts';
import { mergeMetadata } from './metadata.ts';
import {
  any,
  flag,
  integer,
  list,
  map,
  number,
  object,
  oneOf,
  PAGING,
  range,
  required,
  text,
} from './params.ts';
import type { Plain, Price } from './plain.ts';
import { createProduct } from './product-build.ts';
import { route } from './route.ts';
import { update } from './update.ts';

type Create = Plain<Stripe.PriceCreateParams>;
type Update = Plain<Stripe.PriceUpdateParams>;
type List = Plain<Stripe.PriceListParams>;

const INTERVAL = oneOf('day', 'week', 'month', 'year');
const RECURRING = object({
  interval: required(INTERVAL),
  interval_count: integer,
  usage_type: oneOf('licensed', 'metered'),
  meter: text,
  trial_period_days: integer,
});
const CHANGEABLE = {
  active: flag,
  currency_options: any,
  lookup_key: text,
  metadata: map,
  nickname: text,
  tax_behavior: oneOf('inclusive', 'exclusive', 'unspecified'),
  transfer_lookup_key: flag,
};
const FIELDS = {
  ...CHANGEABLE,
  currency: required(text),
  billing_scheme: oneOf('per_unit', 'tiered'),
  product: text,
  product_data: object({
    name: required(text),
    id: text,
    active: flag,
    metadata: map,
    statement_descriptor: text,
    tax_code: text,
    unit_label: text,
  }),
  recurring: RECURRING,
  tiers: any,
  tiers_mode: text,
  transform_quantity: any,
  custom_unit_amount: any,
  unit_amount: integer,
  unit_amount_decimal: number,
};

export const priceRoutes = [
  route<Create>('POST', '/v1/prices', FIELDS, ({ core, params }) => createPrice(core, params)),
  route('GET', '/v1/prices/:id', {}, ({ core, id }) => priceOf(core, id, 'id')),
  route<Update>('POST', '/v1/prices/:id', CHANGEABLE, ({ core, id, params }) => {
    const current = priceOf(core, id, 'id');
    const { metadata, transfer_lookup_key, lookup_key, expand: _, ...rest } = params;
    if (lookup_key) claimLookupKey(core, lookup_key, id, transfer_lookup_key ?? false);
    return update(core, core.tables.prices, 'price.updated', current, {
      ...(rest as Partial<Price>),
      ...(lookup_key !== undefined && { lookup_key: lookup_key || null }),
      ...(metadata !== undefined && { metadata: mergeMetadata(current.metadata, metadata) }),
    });
  }),
  route<List>(
    'GET',
    '/v1/prices',
    {
      ...PAGING,
      active: flag,
      created: range,
      currency: text,
      lookup_keys: list(text),
      product: text,
      recurring: object({ interval: INTERVAL, meter: text, usage_type: text }),
      type: oneOf('one_time', 'recurring'),
    },
    ({ core, params, path }) => {
      if ((params.lookup_keys?.length ?? 0) > 10) {
        throw invalid('You can only specify up to 10 lookup_keys.', { param: 'lookup_keys' });
      }
      return page(newestFirst(core.tables.prices.all()).filter(matches(params)), params, path);
    },
  ),
];

function matches(params: List): (price: Price) => boolean {
  return (price) =>
    (params.active === undefined || price.active === params.active) &&
    (params.currency === undefined || price.currency === params.currency) &&
    (params.product === undefined || price.product === params.product) &&
    (params.type === undefined || price.type === params.type) &&
    (params.recurring?.interval === undefined || price.recurring?.interval === params.recurring.interval) &&
    (params.lookup_keys === undefined ||
      (price.lookup_key !== null && params.lookup_keys.includes(price.lookup_key))) &&
    inRange(price.created, params.created);
}

export function createPrice(core: Core, params: Create): Price {
  if ((params.product === undefined) === (params.product_data === undefined)) {
    throw invalid('You must provide one of `product` or `product_data`.', { param: 'product' });
  }
  const product =
    params.product === undefined
      ? createProduct(core, params.product_data as Plain<Stripe.ProductCreateParams>)
      : productOf(core, params.product);
  const amount =
    params.unit_amount ?? (params.unit_amount_decimal ? Number(params.unit_amount_decimal) : null);
  if (amount === null && params.tiers === undefined && params.custom_unit_amount === undefined) {
    throw invalid('Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.', {
      param: 'unit_amount',
    });
  }
  // Since 2025-03-31.basil usage comes by meters alone.
  if (params.recurring?.usage_type === 'metered' && !params.recurring.meter) {
    throw invalid('Metered prices must be backed by a meter.', { param: 'recurring[meter]' });
  }
  const id = newId('price');
  if (params.lookup_key) claimLookupKey(core, params.lookup_key, id, params.transfer_lookup_key ?? false);
  const recurring = params.recurring;
  const price: Price = {
    id,
    object: 'price',
    active: params.active ?? true,
    billing_scheme: params.billing_scheme ?? 'per_unit',
    created: core.now(),
    currency: params.currency.toLowerCase(),
    custom_unit_amount: null,
    livemode: false,
    lookup_key: params.lookup_key || null,
    metadata: mergeMetadata(null, params.metadata),
    nickname: params.nickname || null,
    product: product.id,
    recurring: recurring
      ? {
          interval: recurring.interval,
          interval_count: recurring.interval_count ?? 1,
          meter: recurring.meter ?? null,
          trial_period_days: null,
          usage_type: recurring.usage_type ?? 'licensed',
        }
      : null,
    tax_behavior: params.tax_behavior ?? 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: recurring ? 'recurring' : 'one_time',
    unit_amount: amount !== null && Number.isInteger(amount) ? amount : null,
    unit_amount_decimal: amount === null ? null : String(amount),
  };
  core.tables.prices.put(id, price);
  core.emit('price.created', price);
  return price;
}

// "transfer_lookup_key: will atomically remove the lookup key from the existing price" (Create a price)
function claimLookupKey(core: Core, key: string, forPrice: string, transfer: boolean): void {
  const holder = core.tables.prices.all().find((price) => price.lookup_key === key && price.id !== forPrice);
  if (!holder) return;
  if (!transfer) {
    throw invalid(
      `A price (\`${holder.id}\`) already uses that lookup key. Use \`transfer_lookup_key\` to move it.`,
      { param: 'lookup_key', code: 'resource_already_exists' },
    );
  }
  update(core, core.tables.prices, 'price.updated', holder, { lookup_key: null });
}
