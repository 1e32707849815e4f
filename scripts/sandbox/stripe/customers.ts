/** Customers. https://docs.stripe.com/api/customers */
import type Stripe from 'stripe';
import { attachMethod } from './cards.ts';
import type { Core } from './core.ts';
import { missing } from './errors.ts';
import { newId, randomText } from './ids.ts';
import { inRange, newestFirst, page } from './list.ts';
import { customerOf, isDeleted } from './lookup.ts';
import { mergeMetadata } from './metadata.ts';
import { any, flag, integer, list, map, object, oneOf, PAGING, range, text } from './params.ts';
import type { Customer, Plain } from './plain.ts';
import { route } from './route.ts';
import { cancelSubscription } from './subscription-cancel.ts';
import { addTaxId, TAX_ID } from './tax-ids.ts';
import { change, update } from './update.ts';

type Create = Plain<Stripe.CustomerCreateParams>;
type List = Plain<Stripe.CustomerListParams>;

const ADDRESS = object({
  city: text,
  country: text,
  line1: text,
  line2: text,
  postal_code: text,
  state: text,
});

const FIELDS = {
  address: ADDRESS,
  balance: integer,
  business_name: text,
  individual_name: text,
  description: text,
  email: text,
  invoice_prefix: text,
  invoice_settings: object({
    default_payment_method: text,
    custom_fields: any,
    footer: text,
    rendering_options: any,
  }),
  metadata: map,
  name: text,
  phone: text,
  preferred_locales: list(text),
  shipping: object({ address: ADDRESS, name: text, phone: text }),
  tax_exempt: oneOf('none', 'exempt', 'reverse'),
};

export const customerRoutes = [
  route<Create>(
    'POST',
    '/v1/customers',
    { ...FIELDS, payment_method: text, tax_id_data: list(object(TAX_ID)), test_clock: text, validate: flag },
    ({ core, params }) => {
      const customer = createCustomer(core, params);
      for (const taxId of params.tax_id_data ?? []) addTaxId(core, customer.id, taxId);
      return params.payment_method ? withMethod(core, customer, params.payment_method) : customer;
    },
  ),
  route('GET', '/v1/customers/:id', {}, ({ core, id }) => {
    const customer = core.tables.customers.get(id);
    if (!customer) throw missing('customer', id);
    // A deleted customer can still be retrieved, as this stump.
    return isDeleted(customer) ? { id, object: 'customer', deleted: true } : customer;
  }),
  route<Create>('POST', '/v1/customers/:id', FIELDS, ({ core, id, params }) => {
    const current = customerOf(core, id, 'id');
    const { metadata, ...rest } = params;
    const changes = Object.fromEntries(
      Object.entries(shapeOf(rest, current)).map(([key, value]) => [key, value === '' ? null : value]),
    );
    return update(core, core.tables.customers, 'customer.updated', current, {
      ...changes,
      ...(metadata !== undefined && { metadata: mergeMetadata(current.metadata, metadata) }),
    });
  }),
  route('DELETE', '/v1/customers/:id', {}, ({ core, id }) => {
    deleteCustomer(core, customerOf(core, id, 'id'));
    return { id, object: 'customer', deleted: true };
  }),
  route<List>('GET', '/v1/customers', { ...PAGING, email: text, created: range, test_clock: text }, (call) =>
    page(
      newestFirst(call.core.tables.customers.all()).filter(
        (customer) =>
          !isDeleted(customer) &&
          (call.params.email === undefined || customer.email === call.params.email) &&
          // "The response will not include customers with test clocks if this parameter is not set." (List all customers)
          customer.test_clock === (call.params.test_clock ?? null) &&
          inRange(customer.created, call.params.created),
      ),
      call.params,
      call.path,
    ),
  ),
];

/** "Immediately cancels any active subscriptions on the customer." https://docs.stripe.com/api/customers/delete */
export function deleteCustomer(core: Core, customer: Customer): void {
  for (const subscription of core.tables.subscriptions.all()) {
    if (subscription.customer === customer.id && !subscription.ended_at) {
      cancelSubscription(core, subscription, 'cancellation_requested');
    }
  }
  core.tables.customers.put(customer.id, { ...customer, deleted: true } as unknown as Customer);
  core.emit('customer.deleted', customer);
}

export function createCustomer(core: Core, params: Create): Customer {
  const blank: Customer = {
    id: newId('cus'),
    object: 'customer',
    address: null,
    balance: 0,
    created: core.now(),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: randomText(8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: mergeMetadata(null, params.metadata),
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
  const { metadata: _, tax_id_data: __, payment_method: ___, ...rest } = params;
  const given = Object.entries(shapeOf(rest, blank)).filter(
    ([, value]) => value !== '' && value !== undefined,
  );
  const customer = { ...blank, ...Object.fromEntries(given) } as Customer;
  core.tables.customers.put(customer.id, customer);
  core.emit('customer.created', customer);
  return customer;
}

/** Attached; and where the same stand-in was named as the default, that is the new method. */
function withMethod(core: Core, customer: Customer, given: string): Customer {
  const { id } = attachMethod(core, customer, given);
  if (customer.invoice_settings.default_payment_method !== given) return customer;
  return change(core.tables.customers, customer, {
    invoice_settings: { ...customer.invoice_settings, default_payment_method: id },
  });
}

const ADDRESS_PARTS = ['city', 'country', 'line1', 'line2', 'postal_code', 'state'] as const;

/** Nested parameters in the shape of the object: all parts of an address, settings merged into the present ones. */
function shapeOf(params: object, current: Customer): Record<string, unknown> {
  const shaped: Record<string, unknown> = { ...params };
  const address = shaped.address;
  if (typeof address === 'object' && address !== null) {
    const given = address as Record<string, string>;
    shaped.address = Object.fromEntries(ADDRESS_PARTS.map((part) => [part, given[part] || null]));
  }
  if (typeof shaped.invoice_settings === 'object') {
    shaped.invoice_settings = { ...current.invoice_settings, ...shaped.invoice_settings };
  }
  return shaped;
}
