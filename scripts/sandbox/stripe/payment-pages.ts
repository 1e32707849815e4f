/**
 * Paying a checkout without a browser, in test mode: a payment method by token or IBAN, with which the page is confirmed.
 * Stripe's own command line brings about `checkout.session.completed` this way (stripe-cli, pkg/fixtures/triggers).
 */
import { debitBy, methodByToken } from './cards.ts';
import { payCheckout } from './checkout-pay.ts';
import { cardDeclined, invalid, missing } from './errors.ts';
import { sessionOf } from './lookup.ts';
import { any, integer, object, oneOf, required, text } from './params.ts';
import { route } from './route.ts';

interface RawMethod {
  readonly type: 'card' | 'sepa_debit';
  readonly card?: { readonly token: string };
  readonly sepa_debit?: { readonly iban: string };
}

interface Confirm {
  readonly payment_method: string;
  readonly expected_amount: number;
}

const page = (id: string) => ({ id: id.replace(/^cs_/, 'ppage_'), object: 'payment_page', session_id: id });

export const paymentPageRoutes = [
  route<RawMethod>(
    'POST',
    '/v1/payment_methods',
    {
      type: required(oneOf('card', 'sepa_debit')),
      card: object({ token: required(text) }),
      sepa_debit: object({ iban: required(text) }),
      billing_details: any,
    },
    ({ core, params: { card, sepa_debit: debit } }) =>
      debit ? debitBy(core, debit.iban) : methodByToken(core, card?.token ?? ''),
  ),
  route('GET', '/v1/payment_pages/:id', {}, ({ core, id }) => page(sessionOf(core, id).id)),
  route<Confirm>(
    'POST',
    '/v1/payment_pages/:id/confirm',
    { payment_method: required(text), expected_amount: required(integer) },
    ({ core, id, params: { payment_method: method, expected_amount: expected } }) => {
      if (sessionOf(core, id).amount_total !== expected)
        throw invalid('The amount has changed.', { param: 'expected_amount' });
      const bank = core.tables.banks.get(method);
      if (!bank) throw missing('PaymentMethod', method, 'payment_method');
      const paid = payCheckout(core, id, { card: bank.number, method });
      if (paid.status === 'requires_action') throw cardDeclined('authentication_required');
      return page(id);
    },
  ),
];
