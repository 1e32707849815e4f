/** Payment intents and charges, as far as invoices need them. https://docs.stripe.com/api/payment_intents and /api/charges */
import type { Core } from './core.ts';
import { newId, randomText } from './ids.ts';
import type { Charge, Invoice, PaymentIntent, PaymentMethod } from './plain.ts';

/** One intent per invoice: a later try uses the same one. */
export function createIntent(core: Core, invoice: Invoice, method: PaymentMethod | undefined): PaymentIntent {
  const present = intentOf(core, invoice);
  if (present) {
    const next: PaymentIntent = { ...present, payment_method: method?.id ?? null };
    core.tables.paymentIntents.put(next.id, next);
    return next;
  }
  const id = newId('pi');
  const intent: PaymentIntent = {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: invoice.amount_due,
    amount_capturable: 0,
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic',
    client_secret: `${id}_secret_${randomText(24)}`,
    confirmation_method: 'automatic',
    created: core.now(),
    currency: invoice.currency,
    customer: invoice.customer,
    customer_account: null,
    description:
      invoice.billing_reason === 'subscription_create' ? 'Subscription creation' : 'Subscription update',
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: method?.id ?? null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: [method?.type ?? 'card'],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: 'off_session',
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_confirmation',
    transfer_group: null,
  };
  core.tables.paymentIntents.put(id, intent);
  core.emit('payment_intent.created', intent);
  return intent;
}

/** The intent that pays this invoice, through its invoice payment. */
export function intentOf(core: Core, invoice: Invoice): PaymentIntent | undefined {
  const payment = core.tables.invoicePayments.all().find((one) => one.invoice === invoice.id);
  const id = payment?.payment.payment_intent;
  return id ? core.tables.paymentIntents.get(id) : undefined;
}

/** @param declineCode null: it succeeds */
export function createCharge(core: Core, intent: PaymentIntent, declineCode: string | null): Charge {
  const method = intent.payment_method ? core.tables.paymentMethods.get(intent.payment_method) : undefined;
  const ok = declineCode === null;
  const id = newId('ch');
  const charge: Charge = {
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: ok ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: ok ? newId('txn') : null,
    billing_details: method?.billing_details ?? {
      address: null,
      email: null,
      name: null,
      phone: null,
      tax_id: null,
    },
    calculated_statement_descriptor: 'SANDBOX',
    captured: ok,
    created: core.now(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: ok ? null : 'card_declined',
    failure_message: ok ? null : messageOf(declineCode),
    fraud_details: {},
    livemode: false,
    metadata: {},
    on_behalf_of: null,
    outcome: {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: ok ? 'approved_by_network' : 'declined_by_network',
      reason: declineCode,
      risk_level: 'normal',
      seller_message: ok ? 'Payment complete.' : messageOf(declineCode),
      type: ok ? 'authorized' : 'issuer_declined',
    },
    paid: ok,
    payment_intent: intent.id,
    payment_method: intent.payment_method,
    payment_method_details: method
      ? ({ type: method.type, [method.type]: detailsOf(method) } as never)
      : null,
    receipt_email: null,
    receipt_number: null,
    receipt_url: ok ? `${core.url()}/receipts/${id}` : null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: ok ? 'succeeded' : 'failed',
    transfer_data: null,
    transfer_group: null,
  };
  core.tables.charges.put(id, charge);
  return charge;
}

function messageOf(declineCode: string): string {
  if (declineCode === 'authentication_required')
    return 'Your card was declined. This transaction requires authentication.';
  return declineCode === 'insufficient_funds'
    ? 'Your card has insufficient funds.'
    : 'Your card was declined.';
}

function detailsOf(method: PaymentMethod): unknown {
  return method.card ?? method.sepa_debit ?? {};
}
