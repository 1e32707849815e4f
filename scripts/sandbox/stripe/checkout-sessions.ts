/** Checkout Sessions in mode subscription. https://docs.stripe.com/api/checkout/sessions */
import type Stripe from 'stripe';
import { buildSession } from './checkout-build.ts';
import type { SessionCreate } from './checkout-check.ts';
import { lineItemsOf } from './checkout-lines.ts';
import type { Core } from './core.ts';
import { DISCOUNTS } from './discounts.ts';
import { invalid } from './errors.ts';
import { inRange, newestFirst, type Paging, page } from './list.ts';
import { sessionOf } from './lookup.ts';
import { mergeMetadata } from './metadata.ts';
import { any, flag, integer, list, map, object, oneOf, PAGING, range, required, text } from './params.ts';
import type { Plain, Session } from './plain.ts';
import { route } from './route.ts';
import { change } from './update.ts';

type List = Plain<Stripe.Checkout.SessionListParams>;

const CREATE = {
  mode: required(oneOf('payment', 'setup', 'subscription')),
  // 'hosted', 'embedded' and 'custom' went with 2026-03-25.dahlia.
  ui_mode: oneOf('hosted_page', 'embedded_page', 'elements', 'form'),
  line_items: list(
    object({
      price: text,
      quantity: integer,
      price_data: any,
      adjustable_quantity: any,
      dynamic_tax_rates: any,
      metadata: map,
      tax_rates: any,
    }),
  ),
  success_url: text,
  cancel_url: text,
  return_url: text,
  redirect_on_completion: oneOf('always', 'if_required', 'never'),
  customer: text,
  customer_email: text,
  customer_creation: oneOf('always', 'if_required'),
  customer_update: any,
  client_reference_id: text,
  metadata: map,
  subscription_data: object({
    metadata: map,
    description: text,
    trial_period_days: integer,
    trial_end: integer,
    trial_settings: any,
    billing_mode: any,
    billing_cycle_anchor: integer,
    invoice_settings: any,
    proration_behavior: text,
    default_tax_rates: any,
  }),
  expires_at: integer,
  locale: text,
  currency: text,
  allow_promotion_codes: flag,
  allowed_payment_method_types: list(text),
  excluded_payment_method_types: list(text),
  automatic_tax: object({ enabled: required(flag), liability: any }),
  billing_address_collection: oneOf('auto', 'required'),
  branding_settings: any,
  consent_collection: any,
  custom_fields: any,
  custom_text: any,
  discounts: DISCOUNTS,
  payment_method_collection: oneOf('always', 'if_required'),
  payment_method_configuration: text,
  payment_method_options: any,
  phone_number_collection: any,
  name_collection: any,
  saved_payment_method_options: any,
  submit_type: text,
  tax_id_collection: any,
  integration_identifier: text,
  origin_context: text,
};

export const checkoutRoutes = [
  route<SessionCreate>('POST', '/v1/checkout/sessions', CREATE, ({ core, params }) =>
    buildSession(core, params),
  ),
  route('GET', '/v1/checkout/sessions/:id', {}, ({ core, id }) => sessionOf(core, id)),
  route<{ metadata?: Record<string, string> }>(
    'POST',
    '/v1/checkout/sessions/:id',
    { metadata: map, collected_information: any, shipping_options: any },
    ({ core, id, params }) => {
      const session = sessionOf(core, id);
      return change(core.tables.sessions, session, {
        metadata: mergeMetadata(session.metadata, params.metadata),
      });
    },
  ),
  route('POST', '/v1/checkout/sessions/:id/expire', {}, ({ core, id }) => {
    const session = sessionOf(core, id);
    // "A Checkout Session can be expired when it is in one of these statuses: open" (Expire a session)
    if (session.status !== 'open') {
      throw invalid(
        `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}.`,
      );
    }
    return expireSession(core, session);
  }),
  route<List>(
    'GET',
    '/v1/checkout/sessions',
    {
      ...PAGING,
      created: range,
      customer: text,
      customer_details: object({ email: required(text) }),
      payment_intent: text,
      payment_link: text,
      status: oneOf('open', 'complete', 'expired'),
      subscription: text,
    },
    ({ core, params, path }) =>
      page(
        newestFirst(core.tables.sessions.all()).filter(
          (session) =>
            (params.customer === undefined || session.customer === params.customer) &&
            (params.status === undefined || session.status === params.status) &&
            (params.subscription === undefined || session.subscription === params.subscription) &&
            (params.customer_details === undefined ||
              session.customer_details?.email === params.customer_details.email) &&
            inRange(session.created, params.created),
        ),
        params,
        path,
      ),
  ),
  route<Paging>('GET', '/v1/checkout/sessions/:id/line_items', PAGING, ({ core, id, params, path }) =>
    page(lineItemsOf(core, sessionOf(core, id)), params, path),
  ),
];

/** By the API or by time; the page can no longer be paid. */
export function expireSession(core: Core, session: Session): Session {
  const expired = change(core.tables.sessions, session, {
    status: 'expired',
    url: null,
    client_secret: null,
  });
  core.emit('checkout.session.expired', expired);
  return expired;
}
