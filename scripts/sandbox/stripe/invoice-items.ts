/** Invoice items made by themselves, for the next invoice of a subscription. https://docs.stripe.com/api/invoiceitems */
import type Stripe from 'stripe';
import { invalid } from './errors.ts';
import { oneTimeLine } from './invoice-lines.ts';
import { type Paging, page } from './list.ts';
import { customerOf, priceOf, subscriptionOf } from './lookup.ts';
import { mergeMetadata } from './metadata.ts';
import { integer, map, object, PAGING, required, text } from './params.ts';
import { keepPending } from './pending-items.ts';
import type { InvoiceItem, Plain } from './plain.ts';
import { route } from './route.ts';

type Create = Plain<Stripe.InvoiceItemCreateParams>;

export const invoiceItemRoutes = [
  route<Create>(
    'POST',
    '/v1/invoiceitems',
    {
      customer: required(text),
      subscription: text,
      pricing: object({ price: required(text) }),
      quantity: integer,
      metadata: map,
      description: text,
    },
    ({ core, params }) => {
      const customer = customerOf(core, params.customer ?? '');
      if (!params.subscription || !params.pricing?.price)
        throw invalid('The sandbox makes items of a subscription with a price only.', {
          param: 'subscription',
        });
      const subscription = subscriptionOf(core, params.subscription, 'subscription');
      if (subscription.customer !== customer.id)
        throw invalid('The subscription belongs to another customer.', { param: 'subscription' });
      const price = priceOf(core, params.pricing.price, 'pricing[price]');
      if (price.recurring) throw invalid('The price must be one-time.', { param: 'pricing[price]' });
      const quantity = params.quantity ?? 1;
      const line = oneTimeLine(core, subscription, price, quantity);
      const item: InvoiceItem = {
        id: line.parent!.invoice_item_details!.invoice_item,
        object: 'invoiceitem',
        amount: line.amount,
        currency: line.currency,
        customer: customer.id,
        customer_account: null,
        date: core.now(),
        description: params.description ?? line.description,
        discountable: true,
        discounts: [],
        invoice: null,
        livemode: false,
        metadata: mergeMetadata(null, params.metadata),
        net_amount: line.amount,
        parent: {
          subscription_details: { subscription: subscription.id },
          type: 'subscription_details',
        },
        period: line.period,
        pricing: line.pricing as InvoiceItem['pricing'],
        proration: false,
        quantity,
        quantity_decimal: String(quantity),
        tax_rates: [],
        test_clock: customer.test_clock ?? null,
      };
      core.tables.invoiceItems.put(item.id, item);
      keepPending(core, subscription.id, [line]);
      core.emit('invoiceitem.created', item);
      return item;
    },
  ),
  route<Paging & { customer?: string }>(
    'GET',
    '/v1/invoiceitems',
    { ...PAGING, customer: text },
    ({ core, params, path }) =>
      page(
        // Tables are oldest first; the list is newest first.
        core.tables.invoiceItems
          .all()
          .reverse()
          .filter((item) => params.customer === undefined || item.customer === params.customer),
        params,
        path,
      ),
  ),
];
