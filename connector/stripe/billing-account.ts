/** The billing pages' reads and changes over Stripe: upcoming invoice, portal, customer. Shapes: API 2026-10-28.endive. */
import type {
  AccountGateway,
  BillingCustomer,
  CustomerChange,
  UpcomingInvoice,
} from '../billing/account/gateway.ts';
import { ConnectorError } from '../errors.ts';
import type { Stripe } from './client.ts';
import { date } from './dates.ts';
import { stripeCall } from './errors.ts';
import { idOf } from './id-of.ts';
import { added, isProration, upcoming } from './invoice-preview.ts';

export function createAccountGateway(stripe: Stripe): AccountGateway {
  return {
    upcomingInvoice: ({ subscriptionId, scheduleId }) =>
      // The schedule's own next invoice: the subscription's alone would be of the present plan.
      upcomingInvoice(
        stripe,
        scheduleId === null ? { subscription: subscriptionId } : { schedule: scheduleId },
      ),
    portal: async ({ customerId, returnUrl, locale, paymentMethodOnly }) => {
      const session = await stripeCall(() =>
        stripe.billingPortal.sessions.create({
          customer: customerId,
          return_url: returnUrl,
          locale: locale as 'auto',
          ...(paymentMethodOnly && { flow_data: { type: 'payment_method_update' as const } }),
        }),
      );
      return { url: session.url };
    },
    customer: (customerId) => readCustomer(stripe, customerId),
    changeCustomer: (customerId, change) => changeCustomer(stripe, customerId, change),
  };
}

// "No upcoming invoices": the subscription has ended or ends before one (Stripe, error codes: invoice_upcoming_none).
const NONE = 'invoice_upcoming_none';

async function upcomingInvoice(
  stripe: Stripe,
  of: { subscription: string } | { schedule: string },
): Promise<UpcomingInvoice | null> {
  try {
    const { invoice, lines } = await upcoming(stripe, of);
    return {
      currency: invoice.currency,
      total: invoice.total,
      discount: added(invoice.total_discount_amounts),
      tax: added(invoice.total_taxes),
      amountDue: invoice.amount_due,
      // An invoice to come is dated by the day it is made. One that is sent has no next attempt.
      at: date(invoice.created),
      lines: lines.map((line) => ({
        description: line.description,
        amount: line.amount,
        proration: isProration(line),
        periodStart: date(line.period.start),
        periodEnd: date(line.period.end),
      })),
    };
  } catch (thrown) {
    if ((thrown as ConnectorError).details?.stripeCode === NONE) return null;
    throw thrown;
  }
}

async function readCustomer(stripe: Stripe, customerId: string): Promise<BillingCustomer | null> {
  const customer = await stripeCall(() => stripe.customers.retrieve(customerId));
  if (customer.deleted) return null;
  const [taxIds, method] = await Promise.all([
    stripeCall(() => stripe.customers.listTaxIds(customerId, { limit: 20 })),
    paymentMethod(stripe, customer),
  ]);
  const { address } = customer;
  return {
    name: customer.name ?? null,
    email: customer.email,
    address: !address
      ? null
      : {
          line1: address.line1,
          line2: address.line2,
          postal_code: address.postal_code,
          city: address.city,
          state: address.state,
          country: address.country,
        },
    taxIds: taxIds.data.map(({ type, value }) => ({ type, value })),
    paymentMethod: method,
  };
}

/** The customer's own, else the newest one: checkout keeps it on the subscription alone. */
async function paymentMethod(
  stripe: Stripe,
  customer: Stripe.Customer,
): Promise<BillingCustomer['paymentMethod']> {
  const methods = await stripeCall(() => stripe.customers.listPaymentMethods(customer.id, { limit: 10 }));
  const id = idOf(customer.invoice_settings.default_payment_method);
  const method = methods.data.find((each) => each.id === id) ?? methods.data[0];
  const card = method?.card;
  if (!card) return null;
  return { brand: card.brand, last4: card.last4, expMonth: card.exp_month, expYear: card.exp_year };
}

async function changeCustomer(stripe: Stripe, customerId: string, change: CustomerChange): Promise<void> {
  const { name, email, address, taxId } = change;
  // The number first: it is the one thing of these that may be refused, and then nothing has changed.
  if (taxId !== undefined) await replaceTaxId(stripe, customerId, taxId);
  if (name === undefined && email === undefined && address === undefined) return;
  await stripeCall(() =>
    stripe.customers.update(customerId, {
      ...(name !== undefined && { name }),
      ...(email !== undefined && { email }),
      ...(address !== undefined && { address: withoutNulls(address) }),
    }),
  );
}

async function replaceTaxId(
  stripe: Stripe,
  customerId: string,
  wanted: NonNullable<CustomerChange['taxId']> | null,
): Promise<void> {
  const there = await stripeCall(() => stripe.customers.listTaxIds(customerId, { limit: 20 }));
  const kept = there.data.find((each) => each.type === wanted?.type && each.value === wanted.value);
  if (wanted !== null && kept === undefined) await addTaxId(stripe, customerId, wanted);
  for (const each of there.data)
    if (each.id !== kept?.id) await stripeCall(() => stripe.customers.deleteTaxId(customerId, each.id));
}

async function addTaxId(
  stripe: Stripe,
  customerId: string,
  { type, value }: { type: string; value: string },
) {
  try {
    await stripeCall(() =>
      stripe.customers.createTaxId(customerId, {
        type: type as Stripe.CustomerCreateTaxIdParams.Type,
        value,
      }),
    );
  } catch (thrown) {
    // Stripe's word for a number that is none of its kind, and for a kind it does not know.
    const { details } = thrown as ConnectorError;
    if (details?.stripeCode !== 'tax_id_invalid' && details?.param !== 'type') throw thrown;
    throw new ConnectorError({
      kind: 'permanent',
      code: 'tax_id_invalid',
      message: 'This tax id is not valid for its type.',
      advice: 'Check the number and its type; for the European Union the type is eu_vat.',
      cause: thrown,
    });
  }
}

/** An empty text clears a line at Stripe; null would not be sent. */
function withoutNulls(address: Readonly<Record<string, string | null | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(address).map(([key, value]) => [key, value ?? '']));
}
