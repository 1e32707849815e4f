/** The checkout gateway over Stripe: customers, prices and Checkout Sessions. */
import { createHash } from 'node:crypto';
import type {
  CheckoutGateway,
  CheckoutSession,
  CustomerRequest,
  SessionLine,
  SessionRequest,
} from '../billing/checkout-gateway.ts';
import type { Stripe } from './client.ts';
import { date } from './dates.ts';
import { stripeCall } from './errors.ts';
import { idOf } from './id-of.ts';
import { createPlanProducts } from './plan-products.ts';
import { pricesOnSale } from './prices-on-sale.ts';

interface GatewayDeps {
  readonly stripe: Stripe;
  /** This installation's uuid, in every metadata: two installations may share a Stripe account. */
  readonly installation: string;
}

export function createCheckoutGateway(deps: GatewayDeps): CheckoutGateway {
  const { stripe } = deps;
  const productOf = createPlanProducts(stripe);
  return {
    prices: (lookupKeys) => pricesOnSale(stripe, lookupKeys),
    createCustomer: (input, group) => createCustomer(deps, input, group),
    deleteUnusedCustomer: (input) => deleteUnusedCustomer(deps, input),
    updateCustomer: async (customerId, input) => {
      await stripeCall(() => stripe.customers.update(customerId, customerFields(deps, input)));
    },
    async createSession(input, { requestHash, key }) {
      const lines = await Promise.all(input.lines.map((line) => lineItem(line, productOf)));
      const params = sessionParams(deps, { ...input, lines }, requestHash);
      return toSession(
        await stripeCall(() => stripe.checkout.sessions.create(params, { idempotencyKey: key })),
      );
    },
    expireSession: (id) => expireSession(stripe, id),
    sessionStatuses: async (customerId) => (await sessionsOf(stripe, customerId)).map(toSession),
    liveSessions: ({ customerId, orderId }) => liveSessions(stripe, customerId, orderId),
  };
}

async function createCustomer(
  deps: GatewayDeps,
  input: CustomerRequest,
  group: number,
): Promise<{ customerId: string }> {
  const { stripe, installation } = deps;
  if (group > 0) {
    // An earlier try ended in an error; it may have made the customer all the same.
    const page = await stripeCall(() => stripe.customers.list({ email: input.email, limit: 100 }));
    const ours = page.data.find(
      ({ metadata }) =>
        metadata.organisation_id === String(input.organisationId) && metadata.installation === installation,
    );
    if (ours) return { customerId: ours.id };
  }
  const fields = customerFields(deps, input);
  const idempotencyKey = [
    'customer',
    installation,
    `org_${input.organisationId}`,
    group,
    digest(fields),
  ].join('_');
  const customer = await stripeCall(() => stripe.customers.create(fields, { idempotencyKey }));
  return { customerId: customer.id };
}

async function deleteUnusedCustomer(
  { stripe, installation }: GatewayDeps,
  { customerId, organisationId }: { customerId: string; organisationId: number },
): Promise<boolean> {
  const customer = await stripeCall(() => stripe.customers.retrieve(customerId));
  if (customer.deleted) return true;
  const { metadata } = customer;
  if (metadata.organisation_id !== String(organisationId) || metadata.installation !== installation)
    return false;
  if (customer.invoice_settings.default_payment_method !== null || customer.default_source) return false;
  const one = { customer: customerId, limit: 1 };
  const [subscriptions, invoices] = await Promise.all([
    stripeCall(() => stripe.subscriptions.list({ ...one, status: 'all' })),
    stripeCall(() => stripe.invoices.list(one)),
  ]);
  if (subscriptions.data.length > 0 || invoices.data.length > 0) return false;
  await stripeCall(() => stripe.customers.del(customerId));
  return true;
}

function customerFields({ installation }: GatewayDeps, input: CustomerRequest) {
  return {
    name: input.name,
    email: input.email,
    address: { country: input.country },
    preferred_locales: [input.locale],
    // Shown to staff only: Stripe checks and stores tax ids itself, from the checkout page.
    metadata: {
      organisation_id: String(input.organisationId),
      installation,
      vat_id: input.vatId ?? '',
    },
  };
}

function digest(fields: object): string {
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex').slice(0, 32);
}

function sessionParams(
  { installation }: GatewayDeps,
  input: Omit<SessionRequest, 'lines'> & { lines: Stripe.Checkout.SessionCreateParams.LineItem[] },
  requestHash: string,
): Stripe.Checkout.SessionCreateParams {
  const metadata = { order_id: String(input.orderId), installation };
  return {
    mode: 'subscription',
    customer: input.customerId,
    client_reference_id: `order_${input.orderId}`,
    // A set-up line is an item of the first invoice beside the recurring one (Checkout, mixed cart).
    line_items: input.lines,
    metadata: { ...metadata, request_hash: requestHash },
    subscription_data: { metadata, ...(input.trialDays > 0 && { trial_period_days: input.trialDays }) },
    billing_address_collection: 'auto',
    tax_id_collection: { enabled: true },
    ...(input.automaticTax && { automatic_tax: { enabled: true } }),
    ...(input.promotionCodes && { allow_promotion_codes: true }),
    // Collecting a tax id of an existing customer is refused unless its name may be completed.
    customer_update: { name: 'auto', address: 'auto' },
    locale: input.locale as Stripe.Checkout.SessionCreateParams.Locale,
    ...(input.ui === 'embedded'
      ? { ui_mode: 'embedded_page', return_url: input.returnUrl }
      : { ui_mode: 'hosted_page', success_url: input.returnUrl, cancel_url: input.cancelUrl }),
  };
}

async function lineItem(
  line: SessionLine,
  productOf: (productKey: string) => Promise<string | undefined>,
): Promise<Stripe.Checkout.SessionCreateParams.LineItem> {
  if ('priceId' in line)
    return { price: line.priceId, ...(line.quantity === null ? {} : { quantity: line.quantity }) };
  // A price made for this session alone; its product says whose plan it is.
  const product = await productOf(line.productKey);
  return {
    quantity: 1,
    price_data: {
      currency: line.currency,
      unit_amount: line.amount,
      ...(product === undefined
        ? { product_data: { name: line.name, metadata: { plan_key: line.planKey } } }
        : { product }),
      ...(line.interval !== null && { recurring: { interval: line.interval } }),
    },
  };
}

/** Stripe refuses to end what is no longer open; then it is read instead. */
async function expireSession(stripe: Stripe, id: string): Promise<CheckoutSession> {
  try {
    return toSession(await stripeCall(() => stripe.checkout.sessions.expire(id)));
  } catch (thrown) {
    const now = toSession(await stripeCall(() => stripe.checkout.sessions.retrieve(id)));
    if (now.status === 'open') throw thrown;
    return now;
  }
}

async function liveSessions(
  stripe: Stripe,
  customer: string,
  orderId: number,
): Promise<readonly CheckoutSession[]> {
  const all = await sessionsOf(stripe, customer);
  return all
    .filter((session) => session.client_reference_id === `order_${orderId}` && session.status !== 'expired')
    .map(toSession);
}

async function sessionsOf(stripe: Stripe, customer: string): Promise<readonly Stripe.Checkout.Session[]> {
  return stripeCall(() =>
    stripe.checkout.sessions.list({ customer, limit: 100 }).autoPagingToArray({ limit: 10_000 }),
  );
}

function toSession(session: Stripe.Checkout.Session): CheckoutSession {
  const { status } = session;
  return {
    id: session.id,
    // Stripe's enums are open: what is neither complete nor expired may still be paid.
    status: status === 'complete' || status === 'expired' ? (status as 'complete' | 'expired') : 'open',
    expiresAt: date(session.expires_at),
    paid: status === 'complete' && session.payment_status !== 'unpaid',
    subscriptionId: idOf(session.subscription),
    requestHash: session.metadata?.request_hash ?? null,
    clientSecret: session.client_secret,
    url: session.url,
  };
}
