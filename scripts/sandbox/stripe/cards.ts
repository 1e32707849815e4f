/** Test cards. https://docs.stripe.com/testing#cards */
import type { Core } from './core.ts';
import { cardDeclined, invalid, missing, StripeFault } from './errors.ts';
import { newId, randomText } from './ids.ts';
import type { Customer, PaymentMethod } from './plain.ts';
import type { Bank } from './tables.ts';
import { update } from './update.ts';

interface TestCard {
  readonly brand: string;
  readonly onCharge: Bank['onCharge'];
  /** Refused already when it is entered. */
  readonly declinesAtOnce?: 'insufficient_funds' | 'generic_decline';
  /** The bank asks its customer first (3D Secure). */
  readonly needsAuthentication?: true;
}

export const REFUNDS_FAIL = '4000000000005126';

const CARDS: Readonly<Record<string, TestCard>> = {
  '4242424242424242': { brand: 'visa', onCharge: 'succeed' },
  '5555555555554444': { brand: 'mastercard', onCharge: 'succeed' },
  // "Attaching this card to a Customer object succeeds, but attempts to charge the customer fail."
  '4000000000000341': { brand: 'visa', onCharge: 'decline' },
  '4000000000000002': { brand: 'visa', onCharge: 'decline', declinesAtOnce: 'generic_decline' },
  '4000000000009995': {
    brand: 'visa',
    onCharge: 'insufficient_funds',
    declinesAtOnce: 'insufficient_funds',
  },
  // Once set up for it, this one pays renewals by itself …
  '4000002500003155': { brand: 'visa', onCharge: 'succeed', needsAuthentication: true },
  // … and this one never does: "requires authentication on all transactions".
  '4000002760003184': { brand: 'visa', onCharge: 'needs_customer', needsAuthentication: true },
  // https://docs.stripe.com/testing#disputes: "the charge succeeds, only to be disputed as fraudulent"
  '4000000000000259': { brand: 'visa', onCharge: 'dispute' },
  // https://docs.stripe.com/testing#refunds: a refund begins as succeeded, then fails (refunds.ts)
  [REFUNDS_FAIL]: { brand: 'visa', onCharge: 'succeed' },
};

/** Ids that stand for a card in test mode. https://docs.stripe.com/testing?testing-method=payment-methods */
const STAND_INS: Readonly<Record<string, string>> = {
  pm_card_visa: '4242424242424242',
  pm_card_mastercard: '5555555555554444',
  pm_card_chargeCustomerFail: '4000000000000341',
  pm_card_chargeDeclined: '4000000000000002',
  pm_card_authenticationRequired: '4000002760003184',
  pm_card_createDispute: '4000000000000259',
  pm_card_refundFail: REFUNDS_FAIL,
};

const TOKENS: Readonly<Record<string, string>> = {
  tok_visa: '4242424242424242',
  tok_chargeDeclined: '4000000000000002',
};

const IBANS: Readonly<Record<string, 'succeeded' | 'failed'>> = {
  AT611904300234573201: 'succeeded',
  AT861904300235473202: 'failed',
};

/**
 * Attaches a payment method by id: a stand-in becomes a new one.
 * @throws StripeFault 402 for a card declined when it is attached, 404 for an id that is none
 */
export function attachMethod(core: Core, customer: Customer, id: string): PaymentMethod {
  const number = STAND_INS[id];
  if (number !== undefined) {
    const declined = testCard(number).declinesAtOnce;
    if (declined) throw cardDeclined(declined);
    return attachCard(core, customer, number);
  }
  const method = core.tables.paymentMethods.get(id);
  if (!method) throw missing('PaymentMethod', id, 'payment_method');
  return method.customer === customer.id
    ? method
    : update(core, core.tables.paymentMethods, 'payment_method.attached', method, { customer: customer.id });
}

/** Stands for any delayed payment method: the session completes unpaid, the money comes (or not) days later. */
export const BANK_DEBIT = 'bank_debit';

/** @throws StripeFault 402 `incorrect_number` for a number that is no test card */
export function testCard(number: string): TestCard {
  if (number === BANK_DEBIT) return { brand: 'bank', onCharge: 'settle_later' };
  const card = CARDS[number.replace(/[\s-]/g, '')];
  if (card) return card;
  throw new StripeFault(402, {
    type: 'card_error',
    code: 'incorrect_number',
    message: 'Your card number is incorrect. (The sandbox takes test cards only: 4242 4242 4242 4242.)',
    param: 'number',
  });
}

/** Keeps the card on the customer. */
export function attachCard(core: Core, customer: Customer, number: string): PaymentMethod {
  const method = newMethod(core, number, customer);
  core.emit('payment_method.attached', method);
  return method;
}

/** https://docs.stripe.com/testing?testing-method=tokens @throws StripeFault `resource_missing` */
export function methodByToken(core: Core, token: string): PaymentMethod {
  const number = TOKENS[token];
  if (number === undefined) throw missing('token', token, 'card[token]');
  return newMethod(core, number, null);
}

/** https://docs.stripe.com/payments/sepa-debit/accept-a-payment#test-integration */
export function debitBy(core: Core, iban: string): PaymentMethod {
  const settles = IBANS[iban];
  if (settles === undefined)
    throw invalid('The IBAN you provided is invalid.', { param: 'sepa_debit[iban]', code: 'invalid_iban' });
  const method = newMethod(core, BANK_DEBIT, null);
  core.tables.banks.put(method.id, { ...core.tables.banks.get(method.id)!, settles });
  return method;
}

function newMethod(core: Core, number: string, customer: Customer | null): PaymentMethod {
  const card = testCard(number);
  const digits = number.replace(/\D/g, '');
  const method: PaymentMethod = {
    id: newId('pm'),
    object: 'payment_method',
    allow_redisplay: 'limited',
    billing_details: {
      address: customer?.address ?? null,
      email: customer?.email ?? null,
      name: customer?.name ?? null,
      phone: customer?.phone ?? null,
      tax_id: null,
    },
    created: core.now(),
    customer: customer?.id ?? null,
    customer_account: null,
    livemode: false,
    metadata: {},
    ...(card.brand === 'bank'
      ? {
          type: 'sepa_debit' as const,
          sepa_debit: {
            bank_code: '37040044',
            branch_code: '',
            country: 'DE',
            fingerprint: randomText(16),
            generated_from: null,
            last4: '3000',
          },
        }
      : {
          type: 'card' as const,
          card: {
            brand: card.brand,
            checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
            country: 'US',
            display_brand: card.brand,
            exp_month: 12,
            exp_year: 2034,
            fingerprint: randomText(16),
            funding: 'credit',
            generated_from: null,
            last4: digits.slice(-4),
            networks: { available: [card.brand], preferred: null },
            regulated_status: 'unregulated',
            three_d_secure_usage: { supported: true },
            wallet: null,
          },
        }),
  };
  core.tables.paymentMethods.put(method.id, method);
  core.tables.banks.put(method.id, { paymentMethodId: method.id, number, onCharge: card.onCharge });
  return method;
}
