/** Subscriptions. https://docs.stripe.com/api/subscriptions */
import type Stripe from 'stripe';
import { DISCOUNTS } from './discounts.ts';
import { invalid } from './errors.ts';
import { EXTRA_ITEMS } from './extra-items.ts';
import { inRange, newestFirst, page } from './list.ts';
import { subscriptionOf } from './lookup.ts';
import { any, flag, integer, list, map, object, oneOf, PAGING, range, required, text } from './params.ts';
import type { Plain, Subscription } from './plain.ts';
import { route } from './route.ts';
import { cancelSubscription } from './subscription-cancel.ts';
import { type SubscriptionCreate, subscribe } from './subscription-create.ts';
import { pauseSubscription, resumeSubscription } from './subscription-pause.ts';
import { invoicePending, type SubscriptionUpdate, updateSubscription } from './subscription-update.ts';

type List = Plain<Stripe.SubscriptionListParams>;
type Cancel = Plain<Stripe.SubscriptionCancelParams>;

const STATUSES = [
  'active',
  'canceled',
  'incomplete',
  'incomplete_expired',
  'past_due',
  'paused',
  'trialing',
  'unpaid',
];
const CANCELLATION = object({ comment: text, feedback: text, feedback_option: text });
const BEHAVIOUR = oneOf(
  'allow_incomplete',
  'default_incomplete',
  'error_if_incomplete',
  'pending_if_incomplete',
);

const COMMON = {
  automatic_tax: object({ enabled: required(flag), liability: any }),
  cancel_at: text,
  cancel_at_period_end: flag,
  collection_method: oneOf('charge_automatically', 'send_invoice'),
  days_until_due: integer,
  default_payment_method: text,
  description: text,
  discounts: DISCOUNTS,
  invoice_settings: any,
  metadata: map,
  off_session: flag,
  payment_behavior: BEHAVIOUR,
  payment_settings: any,
  proration_behavior: oneOf('always_invoice', 'create_prorations', 'none'),
  trial_end: text,
  trial_settings: any,
};

const UPDATE = {
  ...COMMON,
  // A string, such as the former 'now', is refused since 2026-09-30.endive.
  billing_cycle_anchor: object({ type: required(oneOf('now', 'unchanged')) }),
  cancellation_details: CANCELLATION,
  items: list(
    object({ id: text, price: text, quantity: integer, deleted: flag, clear_usage: flag, metadata: map }),
  ),
  pause_collection: object({
    behavior: required(oneOf('keep_as_draft', 'void')),
    resumes_at: integer,
  }),
  proration_date: integer,
  add_invoice_items: EXTRA_ITEMS,
};

export const subscriptionRoutes = [
  route<SubscriptionCreate>(
    'POST',
    '/v1/subscriptions',
    {
      ...COMMON,
      billing_mode: any,
      currency: text,
      customer: required(text),
      items: required(list(object({ price: required(text), quantity: integer, metadata: map }))),
      add_invoice_items: list(object({ price: required(text), quantity: integer })),
      trial_period_days: integer,
    },
    ({ core, params }) => subscribe(core, params),
  ),
  route('GET', '/v1/subscriptions/:id', {}, ({ core, id }) => subscriptionOf(core, id)),
  route<SubscriptionUpdate>('POST', '/v1/subscriptions/:id', UPDATE, ({ core, id, params }) =>
    updateSubscription(core, subscriptionOf(core, id), params),
  ),
  route<Cancel>(
    'DELETE',
    '/v1/subscriptions/:id',
    { cancellation_details: CANCELLATION, invoice_now: flag, prorate: flag },
    ({ core, id, params }) => {
      const subscription = subscriptionOf(core, id);
      if (subscription.ended_at)
        throw invalid(`No such subscription: '${id}'`, { code: 'resource_missing', param: 'id' });
      if (params.invoice_now) invoicePending(core, subscription);
      return cancelSubscription(
        core,
        subscriptionOf(core, id),
        'cancellation_requested',
        params.cancellation_details || {},
      );
    },
  ),
  route<Plain<Stripe.SubscriptionResumeParams>>(
    'POST',
    '/v1/subscriptions/:id/resume',
    {
      billing_cycle_anchor: UPDATE.billing_cycle_anchor,
      proration_behavior: text,
      payment_behavior: oneOf('resume_on_payment_attempt', 'resume_on_payment_success'),
      proration_date: integer,
    },
    ({ core, id, params }) => resumeSubscription(core, subscriptionOf(core, id), params),
  ),
  route<Plain<Stripe.SubscriptionPauseParams>>(
    'POST',
    '/v1/subscriptions/:id/pause',
    {
      bill_for: object({
        outstanding_usage_through: object({ type: required(oneOf('none', 'now')) }),
        unused_time_from: object({ type: required(oneOf('item_current_period_start', 'none', 'now')) }),
      }),
      invoicing_behavior: oneOf('invoice', 'pending_invoice_item'),
      type: oneOf('subscription'),
    },
    ({ core, id, params }) => pauseSubscription(core, subscriptionOf(core, id), params),
  ),
  route<List>(
    'GET',
    '/v1/subscriptions',
    {
      ...PAGING,
      collection_method: text,
      created: range,
      current_period_end: range,
      current_period_start: range,
      customer: text,
      price: text,
      status: oneOf(...STATUSES, 'all', 'ended'),
      test_clock: text,
    },
    ({ core, params, path }) =>
      page(newestFirst(core.tables.subscriptions.all()).filter(matches(params)), params, path),
  ),
];

function matches(params: List): (subscription: Subscription) => boolean {
  return (subscription) =>
    hasStatus(subscription, params.status) &&
    (params.customer === undefined || subscription.customer === params.customer) &&
    (params.price === undefined || subscription.items.data.some((item) => item.price.id === params.price)) &&
    (params.collection_method === undefined || subscription.collection_method === params.collection_method) &&
    inRange(subscription.created, params.created) &&
    subscription.items.data.some(
      (item) =>
        inRange(item.current_period_end, params.current_period_end) &&
        inRange(item.current_period_start, params.current_period_start),
    );
}

// "By default, returns a list of subscriptions that have not been canceled." (List subscriptions)
function hasStatus(subscription: Subscription, wanted: string | undefined): boolean {
  if (wanted === 'all') return true;
  if (wanted === 'ended') return ['canceled', 'incomplete_expired'].includes(subscription.status);
  return wanted === undefined ? subscription.status !== 'canceled' : subscription.status === wanted;
}
