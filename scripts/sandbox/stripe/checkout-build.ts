/** Checks and makes a Checkout Session. https://docs.stripe.com/api/checkout/sessions/create */
import { checkAddresses, expiry, type SessionCreate } from './checkout-check.ts';
import { takeOff } from './checkout-discount.ts';
import { dueNow, readLines } from './checkout-lines.ts';
import type { Core } from './core.ts';
import { invalid } from './errors.ts';
import { newId, randomText } from './ids.ts';
import { customerOf } from './lookup.ts';
import { mergeMetadata } from './metadata.ts';
import type { Session } from './plain.ts';

/** @throws StripeFault for what Stripe refuses: no recurring price, mixed currencies, wrong return addresses … */
export function buildSession(core: Core, params: SessionCreate): Session {
  if (params.mode !== 'subscription') {
    throw invalid('The sandbox knows mode subscription only.', { param: 'mode' });
  }
  const embedded = params.ui_mode === 'embedded_page';
  if (params.ui_mode === 'elements' || params.ui_mode === 'form') {
    throw invalid('The sandbox shows hosted_page and embedded_page only.', { param: 'ui_mode' });
  }
  checkAddresses(params, embedded);
  const customer = params.customer ? customerOf(core, params.customer) : undefined;
  if (customer && params.customer_email) {
    throw invalid('You may only specify one of these parameters: customer, customer_email.', {
      param: 'customer',
    });
  }
  const lines = readLines(core, params);
  const currency = lines[0]!.price.currency;
  const trialDays = params.subscription_data?.trial_period_days ?? null;
  const total = lines.reduce((sum, line) => sum + dueNow(line, trialDays), 0);
  const id = newId('cs_test');
  const session: Session = {
    id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: params.allow_promotion_codes ?? null,
    allowed_payment_method_types: null,
    amount_subtotal: total,
    amount_total: total,
    automatic_tax: {
      enabled: params.automatic_tax?.enabled ?? false,
      liability: null,
      provider: null,
      status: null,
    },
    billing_address_collection: params.billing_address_collection ?? null,
    cancel_url: params.cancel_url ?? null,
    client_reference_id: params.client_reference_id ?? null,
    client_secret: embedded ? `${id}_secret_${randomText(32)}` : null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: core.now(),
    currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: null,
      terms_of_service_acceptance: null,
    },
    customer: customer?.id ?? null,
    customer_account: null,
    customer_creation: customer ? null : 'always',
    customer_details: null,
    customer_email: params.customer_email ?? null,
    discounts: [],
    expires_at: expiry(core, params.expires_at),
    integration_identifier: params.integration_identifier ?? null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: params.locale ?? null,
    managed_payments: null,
    metadata: mergeMetadata(null, params.metadata),
    mode: 'subscription',
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: params.payment_method_collection ?? 'always',
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ['card'],
    payment_status: 'unpaid',
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    ...(embedded && {
      redirect_on_completion: params.redirect_on_completion ?? 'always',
      ...(params.return_url !== undefined && { return_url: params.return_url }),
    }),
    saved_payment_method_options: {
      allow_redisplay_filters: ['always'],
      payment_method_remove: 'disabled',
      payment_method_save: null,
    },
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: null,
    subscription: null,
    success_url: params.success_url ?? null,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: embedded ? 'embedded_page' : 'hosted_page',
    url: embedded ? null : `${core.url()}/c/pay/${id}`,
    wallet_options: null,
  };
  if (params.allow_promotion_codes && params.discounts)
    throw invalid('You may only specify one of these parameters: allow_promotion_codes, discounts.', {
      param: 'allow_promotion_codes',
    });
  core.tables.sessions.put(id, session);
  core.tables.checkoutPlans.put(id, {
    sessionId: id,
    items: lines.map(({ price, quantity }) => ({ priceId: price.id, quantity })),
    subscriptionMetadata: mergeMetadata(null, params.subscription_data?.metadata),
    description: params.subscription_data?.description || null,
    trialDays,
  });
  return params.discounts ? takeOff(core, session, params.discounts) : session;
}
