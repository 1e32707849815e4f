/** Products. https://docs.stripe.com/api/products */
import type Stripe from 'stripe';
import { invalid } from './errors.ts';
import { inRange, newestFirst, page } from './list.ts';
import { productOf } from './lookup.ts';
import { mergeMetadata } from './metadata.ts';
import { any, flag, list, map, object, PAGING, range, required, text } from './params.ts';
import type { Plain } from './plain.ts';
import { createPrice } from './prices.ts';
import { createProduct } from './product-build.ts';
import { route } from './route.ts';
import { update } from './update.ts';

type Create = Plain<Stripe.ProductCreateParams>;
type Update = Plain<Stripe.ProductUpdateParams>;
type List = Plain<Stripe.ProductListParams>;

const FIELDS = {
  name: text,
  active: flag,
  description: text,
  images: list(text),
  marketing_features: list(object({ name: required(text) })),
  metadata: map,
  package_dimensions: any,
  shippable: flag,
  statement_descriptor: text,
  tax_code: text,
  tax_details: any,
  unit_label: text,
  url: text,
};

export const productRoutes = [
  route<Create>(
    'POST',
    '/v1/products',
    { ...FIELDS, name: required(text), id: text, type: text, default_price_data: any },
    ({ core, params }) => {
      const product = createProduct(core, params);
      if (!params.default_price_data) return product;
      const data = params.default_price_data as unknown as Plain<Stripe.PriceCreateParams>;
      const price = createPrice(core, { ...data, product: product.id });
      return update(core, core.tables.products, 'product.updated', product, { default_price: price.id });
    },
  ),
  route('GET', '/v1/products/:id', {}, ({ core, id }) => productOf(core, id, 'id')),
  route<Update>('POST', '/v1/products/:id', { ...FIELDS, default_price: text }, ({ core, id, params }) => {
    const current = productOf(core, id, 'id');
    const { metadata, expand: _, ...rest } = params;
    const changes = Object.fromEntries(
      Object.entries(rest).map(([key, value]) => [key, value === '' ? null : value]),
    );
    return update(core, core.tables.products, 'product.updated', current, {
      ...changes,
      updated: core.now(),
      ...(metadata !== undefined && { metadata: mergeMetadata(current.metadata, metadata) }),
    });
  }),
  route('DELETE', '/v1/products/:id', {}, ({ core, id }) => {
    const current = productOf(core, id, 'id');
    // "Deleting a product is only possible if it has no prices associated with it."
    if (core.tables.prices.all().some((price) => price.product === id)) {
      throw invalid('This product cannot be deleted because it has one or more user-created prices.');
    }
    core.tables.products.delete(id);
    core.emit('product.deleted', current);
    return { id, object: 'product', deleted: true };
  }),
  route<List>(
    'GET',
    '/v1/products',
    { ...PAGING, active: flag, created: range, ids: list(text), shippable: flag, url: text },
    ({ core, params, path }) =>
      page(
        newestFirst(core.tables.products.all()).filter(
          (product) =>
            (params.active === undefined || product.active === params.active) &&
            (params.ids === undefined || params.ids.includes(product.id)) &&
            inRange(product.created, params.created),
        ),
        params,
        path,
      ),
  ),
];
