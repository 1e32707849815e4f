/** Finds a stored object or answers as Stripe does when there is none: 404 for the path's id, 400 for a parameter. */
import type { Core } from './core.ts';
import { missing } from './errors.ts';
import type { Customer, Invoice, Price, Product, Session, Subscription } from './plain.ts';

/** @throws StripeFault `resource_missing`, for a deleted customer too */
export function customerOf(core: Core, id: string, param = 'customer'): Customer {
  const customer = core.tables.customers.get(id);
  if (!customer || isDeleted(customer)) throw missing('customer', id, param);
  return customer;
}

/** A deleted customer stays as a stump that can still be retrieved. */
export function isDeleted(object: object): boolean {
  return (object as { deleted?: unknown }).deleted === true;
}

export function productOf(core: Core, id: string, param = 'product'): Product {
  const product = core.tables.products.get(id);
  if (!product) throw missing('product', id, param);
  return product;
}

export function priceOf(core: Core, id: string, param = 'price'): Price {
  const price = core.tables.prices.get(id);
  if (!price) throw missing('price', id, param);
  return price;
}

export function sessionOf(core: Core, id: string, param = 'id'): Session {
  const session = core.tables.sessions.get(id);
  if (!session) throw missing('checkout.session', id, param);
  return session;
}

export function subscriptionOf(core: Core, id: string, param = 'id'): Subscription {
  const subscription = core.tables.subscriptions.get(id);
  if (!subscription) throw missing('subscription', id, param);
  return subscription;
}

export function invoiceOf(core: Core, id: string, param = 'id'): Invoice {
  const invoice = core.tables.invoices.get(id);
  if (!invoice) throw missing('invoice', id, param);
  return invoice;
}
