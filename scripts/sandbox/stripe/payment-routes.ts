/** Reading payments, and refunds. https://docs.stripe.com/api/invoice-payment, /payment_intents, /charges, /refunds */
import type Stripe from 'stripe';
import type { Collection } from '../store.ts';
import { attachMethod } from './cards.ts';
import type { Core } from './core.ts';
import { missing } from './errors.ts';
import { inRange, newestFirst, page } from './list.ts';
import { customerOf } from './lookup.ts';
import { mergeMetadata } from './metadata.ts';
import { integer, map, object, oneOf, PAGING, range, required, text } from './params.ts';
import type { PaymentMethod, Plain, Refund } from './plain.ts';
import { createRefund, REFUND } from './refunds.ts';
import { route } from './route.ts';
import { change, update } from './update.ts';

type PaymentList = Plain<Stripe.InvoicePaymentListParams>;
type ByCustomer = Plain<Stripe.PaymentIntentListParams>;
type ChargeList = Plain<Stripe.ChargeListParams>;
type RefundList = Plain<Stripe.RefundListParams>;

const BY_CUSTOMER = { ...PAGING, created: range, customer: text };

export const paymentRoutes = [
  route('GET', '/v1/invoice_payments/:id', {}, ({ core, id }) =>
    stored(core.tables.invoicePayments, 'invoice payment', id),
  ),
  route<PaymentList>(
    'GET',
    '/v1/invoice_payments',
    {
      ...PAGING,
      created: range,
      invoice: text,
      payment: object({ type: required(text), payment_intent: text, payment_record: text }),
      status: oneOf('canceled', 'open', 'paid'),
    },
    ({ core, params, path }) =>
      page(
        newestFirst(core.tables.invoicePayments.all()).filter(
          (one) =>
            (params.invoice === undefined || one.invoice === params.invoice) &&
            (params.status === undefined || one.status === params.status) &&
            (params.payment === undefined || one.payment.payment_intent === params.payment.payment_intent) &&
            inRange(one.created, params.created),
        ),
        params,
        path,
      ),
  ),
  route('GET', '/v1/payment_intents/:id', {}, ({ core, id }) =>
    stored(core.tables.paymentIntents, 'payment_intent', id),
  ),
  route<ByCustomer>('GET', '/v1/payment_intents', BY_CUSTOMER, ({ core, params, path }) =>
    page(ofCustomer(core.tables.paymentIntents.all(), params), params, path),
  ),
  route('GET', '/v1/charges/:id', {}, ({ core, id }) => stored(core.tables.charges, 'charge', id)),
  route<ChargeList>(
    'GET',
    '/v1/charges',
    { ...BY_CUSTOMER, payment_intent: text },
    ({ core, params, path }) =>
      page(
        ofCustomer(core.tables.charges.all(), params).filter(
          (charge) => params.payment_intent === undefined || charge.payment_intent === params.payment_intent,
        ),
        params,
        path,
      ),
  ),
  route('GET', '/v1/payment_methods/:id', {}, ({ core, id }) =>
    stored(core.tables.paymentMethods, 'payment_method', id),
  ),
  route<Plain<Stripe.PaymentMethodUpdateParams>>(
    'POST',
    '/v1/payment_methods/:id',
    { card: object({ exp_month: integer, exp_year: integer }), metadata: map },
    ({ core, id, params }) => {
      const method = stored(core.tables.paymentMethods, 'payment_method', id);
      return update(core, core.tables.paymentMethods, 'payment_method.updated', method, {
        ...(params.metadata !== undefined && { metadata: mergeMetadata(method.metadata, params.metadata) }),
        ...(params.card && method.card && { card: { ...method.card, ...params.card } as typeof method.card }),
      });
    },
  ),
  route<ByCustomer>('GET', '/v1/payment_methods', { ...BY_CUSTOMER, type: text }, ({ core, params, path }) =>
    page(ofCustomer(core.tables.paymentMethods.all(), params), params, path),
  ),
  route<ByCustomer>(
    'GET',
    '/v1/customers/:id/payment_methods',
    { ...PAGING, type: text, allow_redisplay: text },
    ({ core, id, params, path }) =>
      page(ofCustomer(core.tables.paymentMethods.all(), { customer: id }), params, path),
  ),
  route<{ customer: string }>(
    'POST',
    '/v1/payment_methods/:id/attach',
    { customer: required(text) },
    ({ core, id, params }) => attachMethod(core, customerOf(core, params.customer), id),
  ),
  route('POST', '/v1/payment_methods/:id/detach', {}, ({ core, id }) => {
    const method = stored(core.tables.paymentMethods, 'payment_method', id);
    forget(core, method);
    return update(core, core.tables.paymentMethods, 'payment_method.detached', method, { customer: null });
  }),
  route<Plain<Stripe.RefundCreateParams>>('POST', '/v1/refunds', REFUND, ({ core, params }) =>
    createRefund(core, params),
  ),
  route('GET', '/v1/refunds/:id', {}, ({ core, id }) => stored(core.tables.refunds, 'refund', id)),
  route<Plain<Stripe.RefundUpdateParams>>(
    'POST',
    '/v1/refunds/:id',
    { metadata: map },
    ({ core, id, params }) => {
      const refund: Refund = stored(core.tables.refunds, 'refund', id);
      return update(core, core.tables.refunds, 'refund.updated', refund, {
        metadata: mergeMetadata(refund.metadata, params.metadata),
      });
    },
  ),
  route<RefundList>(
    'GET',
    '/v1/refunds',
    { ...PAGING, charge: text, created: range, payment_intent: text },
    ({ core, params, path }) =>
      page(
        newestFirst(core.tables.refunds.all()).filter(
          (refund) =>
            (params.charge === undefined || refund.charge === params.charge) &&
            (params.payment_intent === undefined || refund.payment_intent === params.payment_intent) &&
            inRange(refund.created, params.created),
        ),
        params,
        path,
      ),
  ),
];

/** "After a PaymentMethod is detached, it can no longer be used for a payment" (payment_methods.detach): it is nobody's default. */
function forget(core: Core, method: PaymentMethod): void {
  const customer = core.tables.customers.get(method.customer ?? '');
  if (customer?.invoice_settings?.default_payment_method === method.id)
    change(core.tables.customers, customer, {
      invoice_settings: { ...customer.invoice_settings, default_payment_method: null },
    });
  for (const subscription of core.tables.subscriptions.all())
    if (subscription.default_payment_method === method.id)
      change(core.tables.subscriptions, subscription, { default_payment_method: null });
}

function stored<T>(table: Collection<T>, kind: string, id: string): T {
  const object = table.get(id);
  if (!object) throw missing(kind, id);
  return object;
}

function ofCustomer<T extends { id: string; created: number; customer: string | null }>(
  all: T[],
  params: { customer?: string; created?: Parameters<typeof inRange>[1] },
): T[] {
  return newestFirst(all).filter(
    (one) =>
      (params.customer === undefined || one.customer === params.customer) &&
      inRange(one.created, params.created),
  );
}
