/** The webhook endpoint: exactly the event table's types, in the pinned API version. */
import type Stripe from 'stripe';
import type { Change } from './change.ts';
import { stripeCall } from './errors.ts';

interface Wanted {
  readonly url: string;
  readonly eventTypes: readonly string[];
  readonly apiVersion: string;
  /** Takes the signing secret, which Stripe shows only once; when it fails the endpoint made is taken away again. */
  readonly keepSecret: (secret: string) => Promise<void>;
  /** Nobody has the secret of an endpoint that is there (a set-up that died): it is replaced by one whose secret is kept. */
  readonly secretLost: boolean;
}

/** What is to be changed, and what a person should know. */
export interface EndpointPlan {
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
  /** True when an endpoint will be made, and so a secret will be shown. */
  readonly makesSecret: boolean;
}

export async function endpointPlan(stripe: Stripe, wanted: Wanted): Promise<EndpointPlan> {
  const all = await stripeCall(() =>
    stripe.webhookEndpoints.list({ limit: 100 }).autoPagingToArray({ limit: 1000 }),
  );
  const here = all.filter(({ url, status }) => url === wanted.url && status === 'enabled');
  const right = here.find(({ api_version }) => api_version === wanted.apiVersion);
  const older = here.filter(({ api_version }) => api_version !== wanted.apiVersion);
  // api_version cannot be updated: a new version is a second endpoint, and both secrets are valid for a while.
  const notes = older.map(
    ({ id, api_version }) =>
      `endpoint ${id} still sends version ${api_version ?? 'of the account'}: once the new secret stands first in STRIPE_WEBHOOK_SECRET, delete it in the Dashboard`,
  );
  if (right === undefined || wanted.secretLost) {
    const useless = here.filter(({ api_version }) => api_version === wanted.apiVersion);
    return { changes: [...useless.map(remove(stripe)), create(stripe, wanted)], notes, makesSecret: true };
  }
  const types = [...right.enabled_events].sort();
  if (JSON.stringify(types) === JSON.stringify([...wanted.eventTypes].sort()))
    return { changes: [], notes, makesSecret: false };
  const text = `update webhook endpoint ${right.id}: ${wanted.eventTypes.length} event types`;
  const apply = async () => {
    await stripeCall(() => stripe.webhookEndpoints.update(right.id, { enabled_events: enabled(wanted) }));
  };
  return { changes: [{ text, apply }], notes, makesSecret: false };
}

/** Before the new one is made: what it would deliver meanwhile nobody can verify, and is fetched as missed events. */
const remove =
  (stripe: Stripe) =>
  ({ id }: { id: string }): Change => ({
    text: `delete webhook endpoint ${id}: its signing secret was not kept and is shown only once`,
    apply: async () => void (await stripeCall(() => stripe.webhookEndpoints.del(id))),
  });

function create(stripe: Stripe, wanted: Wanted): Change {
  return {
    text: `create webhook endpoint ${wanted.url} (${wanted.eventTypes.length} event types, version ${wanted.apiVersion})`,
    apply: async () => {
      const made = await stripeCall(() =>
        stripe.webhookEndpoints.create({
          url: wanted.url,
          enabled_events: enabled(wanted),
          api_version: wanted.apiVersion as Stripe.WebhookEndpointCreateParams.ApiVersion,
          description: 'stripe-odoo-connector',
        }),
      );
      try {
        await wanted.keepSecret(made.secret!);
      } catch (thrown) {
        await stripeCall(() => stripe.webhookEndpoints.del(made.id));
        throw thrown;
      }
    },
  };
}

const enabled = ({ eventTypes }: Wanted) =>
  [...eventTypes] as Stripe.WebhookEndpointCreateParams.EnabledEvent[];
