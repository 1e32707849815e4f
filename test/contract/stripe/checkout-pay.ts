/** Pays a hosted checkout without a browser, as Stripe's command line does in test mode (stripe-cli, pkg/fixtures/triggers). */
import type Stripe from 'stripe';
import { type Account, makePrices } from './account.ts';

const BUYER = {
  email: 'contract@example.com',
  name: 'Contract',
  phone: '+4915112345678',
  address: { line1: 'Street 1', postal_code: '10115', city: 'Berlin', country: 'DE' },
};

export const CARD = { type: 'card', card: { token: 'tok_visa' } };
/** https://docs.stripe.com/payments/sepa-debit/accept-a-payment#test-integration */
export const DEBIT_THAT_ARRIVES = { type: 'sepa_debit', sepa_debit: { iban: 'AT611904300234573201' } };
export const DEBIT_THAT_FAILS = { type: 'sepa_debit', sepa_debit: { iban: 'AT861904300235473202' } };

/** A session of a new customer of ours for one monthly price, in euro where a bank debit is to pay it. */
export async function openCheckout(account: Account, { debit = false } = {}) {
  const { stripe, run, tidy } = account;
  const customer = await stripe.customers.create({ name: run, email: BUYER.email, metadata: { run } });
  tidy(() => stripe.customers.del(customer.id));
  const { product, monthly } = await makePrices({ ...account, run: `${run}_${Date.now()}` });
  const euro = {
    quantity: 1,
    price_data: {
      product: product.id,
      currency: 'eur',
      unit_amount: 25_000,
      recurring: { interval: 'month' as const },
    },
  };
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    customer: customer.id,
    line_items: [debit ? euro : { price: monthly.id, quantity: 1 }],
    client_reference_id: 'order_1',
    subscription_data: { metadata: { order_id: '1' } },
    success_url: 'https://shop.example.com/done',
    ...(debit && { allowed_payment_method_types: ['sepa_debit'] as never }),
  });
  return { customer, session };
}

export async function payCheckout(
  { stripe }: Account,
  session: Stripe.Checkout.Session,
  method: object,
): Promise<void> {
  const { id } = (await stripe.rawRequest('POST', '/v1/payment_methods', {
    ...method,
    billing_details: BUYER,
  })) as unknown as { id: string };
  await stripe.rawRequest('GET', `/v1/payment_pages/${session.id}`);
  await stripe.rawRequest('POST', `/v1/payment_pages/${session.id}/confirm`, {
    payment_method: id,
    expected_amount: session.amount_total,
  });
}
