/**
 * Odoo's own Stripe provider (module payment_stripe), where a company takes one-off payments: keys, state and webhook.
 * What stood there before is remembered in a system parameter, without secrets, so that it can be taken back.
 */
import { ConnectorError } from '../../../connector/errors.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import type { Stripe } from '../../../connector/stripe/client.ts';
import { stripeCall } from '../../../connector/stripe/errors.ts';
import { endpointPlan } from '../../../connector/stripe/webhook-endpoint.ts';
import type { SetupContext, Step } from './context.ts';

export interface PaymentProvider {
  readonly stripe: Stripe;
  readonly secretKey: string;
  readonly publishableKey: string;
  /** Of the secret key. */
  readonly livemode: boolean;
}

const MODEL = 'payment.provider';
const PARAMETER = 'stripe_connector.payment_provider';

// What payment_stripe itself asks for when its button "Generate your webhook" is pressed (const.py, Odoo 17 to 19).
const EVENTS = [
  'payment_intent.processing',
  'payment_intent.amount_capturable_updated',
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.canceled',
  'setup_intent.succeeded',
  'charge.refunded',
  'charge.refund.updated',
];
const ODOO_API_VERSION = '2019-05-16';

type State = 'disabled' | 'test' | 'enabled';

interface Row {
  readonly id: number;
  readonly state: State;
  readonly stripe_publishable_key: string | false;
  readonly stripe_secret_key: string | false;
  readonly stripe_webhook_secret: string | false;
}

interface Taken {
  readonly provider: number;
  readonly before: State;
  readonly webhookUrl: string;
}

/** @returns undefined where payment_stripe is not installed, which is said */
export async function paymentProviderStep(
  { odoo }: SetupContext,
  provider: PaymentProvider,
  print: (line: string) => void,
): Promise<Step | undefined> {
  const found = await readProvider(odoo);
  if (found === undefined) {
    print('payment_stripe is not installed in this Odoo: there is no payment provider to fill in');
    return undefined;
  }
  const webhookUrl = await webhookUrlOf(odoo);
  const state: State = provider.livemode ? 'enabled' : 'test';
  const taken = await readTaken(odoo);
  const wanted = {
    stripe_publishable_key: provider.publishableKey,
    stripe_secret_key: provider.secretKey,
    state,
  };
  const endpoint = () =>
    endpointPlan(provider.stripe, {
      url: webhookUrl,
      eventTypes: EVENTS,
      apiVersion: ODOO_API_VERSION,
      keepSecret: (secret) => write(odoo, found.id, { stripe_webhook_secret: secret }),
      secretLost: !found.stripe_webhook_secret,
    });
  return {
    title: `Odoo’s Stripe payment provider: keys, state "${state}", webhook at ${webhookUrl}`,
    needed: async () => {
      if (taken === undefined && found.stripe_secret_key && found.stripe_secret_key !== provider.secretKey)
        throw inUse();
      const same = Object.entries(wanted).every(([name, value]) => found[name as keyof Row] === value);
      return !same || taken?.webhookUrl !== webhookUrl || (await endpoint()).changes.length > 0;
    },
    apply: async () => {
      // Written first: a set-up that dies half way can be taken back all the same.
      const kept: Taken = { provider: found.id, before: taken?.before ?? found.state, webhookUrl };
      await odoo.call('ir.config_parameter', 'set_param', { key: PARAMETER, value: JSON.stringify(kept) });
      await write(odoo, found.id, wanted);
      for (const change of (await endpoint()).changes) await change.apply();
    },
  };
}

/**
 * Takes keys and webhook secret away again and sets the state that was there before.
 * @param stripe left out: the webhook endpoint at Stripe stays, which is said
 */
export async function removePaymentProvider(
  odoo: Odoo,
  input: { stripe: Stripe | undefined; dryRun: boolean; say: (line: string) => void },
): Promise<void> {
  const taken = await readTaken(odoo);
  if (taken === undefined) return;
  const found = await readProvider(odoo);
  if (found?.id === taken.provider) {
    if (!input.dryRun) await clear(odoo, taken);
    input.say('keys and webhook secret of Odoo’s Stripe payment provider');
  }
  if (!input.dryRun) await odoo.call('ir.config_parameter', 'set_param', { key: PARAMETER, value: false });
  if (input.stripe === undefined) {
    input.say(
      `nothing at Stripe: without STRIPE_SECRET_KEY the webhook endpoint ${taken.webhookUrl} stays there`,
    );
    return;
  }
  const { stripe } = input;
  const all = await stripeCall(() =>
    stripe.webhookEndpoints.list({ limit: 100 }).autoPagingToArray({ limit: 1000 }),
  );
  for (const { id } of all.filter(({ url }) => url === taken.webhookUrl)) {
    if (!input.dryRun) await stripeCall(() => stripe.webhookEndpoints.del(id));
    input.say(`webhook endpoint ${id} at Stripe`);
  }
}

/** State first: an enabled provider must have its keys. */
async function clear(odoo: Odoo, { provider, before }: Taken): Promise<void> {
  const none = { stripe_publishable_key: false, stripe_secret_key: false, stripe_webhook_secret: false };
  await write(odoo, provider, { state: 'disabled' });
  await write(odoo, provider, none);
  if (before !== 'disabled') await write(odoo, provider, { state: before }).catch(() => {});
}

const write = async (odoo: Odoo, id: number, vals: Record<string, unknown>): Promise<void> => {
  await odoo.call(MODEL, 'write', { ids: [id], vals });
};

async function readProvider(odoo: Odoo): Promise<Row | undefined> {
  const models = await odoo.call<number[]>('ir.model', 'search', { domain: [['model', '=', MODEL]] });
  if (models.length === 0) return undefined;
  const [row] = await odoo.call<{ id: number }[]>(MODEL, 'search_read', {
    domain: [['code', '=', 'stripe']],
    fields: ['name'],
    order: 'id',
    limit: 1,
  });
  if (row === undefined) return undefined;
  const [whole] = await odoo.call<Row[]>(MODEL, 'read', {
    ids: [row.id],
    fields: ['state', 'stripe_publishable_key', 'stripe_secret_key', 'stripe_webhook_secret'],
  });
  return whole;
}

/** As Odoo itself makes it: its own public address, and the module's fixed path. */
async function webhookUrlOf(odoo: Odoo): Promise<string> {
  const base = await odoo.call<string | false>('ir.config_parameter', 'get_param', { key: 'web.base.url' });
  if (!base)
    throw new ConnectorError({
      kind: 'permanent',
      code: 'erp_base_url_missing',
      system: 'odoo',
      message: 'this Odoo does not know its own address (system parameter web.base.url)',
      advice: 'Set it (Settings → Technical → System Parameters), then run set-up again.',
    });
  return `${base.replace(/\/+$/, '')}/payment/stripe/webhook`;
}

async function readTaken(odoo: Odoo): Promise<Taken | undefined> {
  const value = await odoo.call<string | false>('ir.config_parameter', 'get_param', { key: PARAMETER });
  return value ? (JSON.parse(value) as Taken) : undefined;
}

const inUse = (): ConnectorError =>
  new ConnectorError({
    kind: 'conflict',
    code: 'erp_payment_provider_in_use',
    system: 'odoo',
    message: 'Odoo’s Stripe payment provider holds other keys already, which the connector did not write',
    advice:
      'Leave --payment-provider out, or clear its keys in Odoo first (Invoicing → Configuration → Payment Providers).',
  });
