/** Makes a product; also from a price's `product_data`. https://docs.stripe.com/api/products/create */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { invalid } from './errors.ts';
import { newId } from './ids.ts';
import { mergeMetadata } from './metadata.ts';
import type { Plain, Product } from './plain.ts';

export function createProduct(core: Core, params: Plain<Stripe.ProductCreateParams>): Product {
  if (params.id !== undefined && core.tables.products.get(params.id)) {
    throw invalid('Product already exists.', { code: 'resource_already_exists', param: 'id' });
  }
  const product: Product = {
    id: params.id ?? newId('prod'),
    object: 'product',
    active: params.active ?? true,
    created: core.now(),
    default_price: null,
    description: params.description || null,
    images: params.images ?? [],
    livemode: false,
    marketing_features: params.marketing_features ?? [],
    metadata: mergeMetadata(null, params.metadata),
    name: params.name,
    package_dimensions: null,
    shippable: params.shippable ?? null,
    statement_descriptor: params.statement_descriptor ?? null,
    tax_code: params.tax_code ?? null,
    tax_details: null,
    type: 'service',
    unit_label: params.unit_label ?? null,
    updated: core.now(),
    url: params.url ?? null,
  };
  core.tables.products.put(product.id, product);
  core.emit('product.created', product);
  return product;
}
