/** `setup erp --payment-provider` on Odoo's own Stripe provider; Stripe is the sandbox's. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { createStripe, type Stripe } from '../../../connector/stripe/client.ts';
import {
  type PaymentProvider,
  removePaymentProvider,
} from '../../../scripts/commands/erp/payment-provider.ts';
import { setupErp } from '../../../scripts/commands/setup-erp.ts';
import { startTestWorld } from '../../support/sandbox.ts';
import { openPreparedErp, type PreparedErp, SERVICE } from './erp.ts';

let erp: PreparedErp;
let stripe: Stripe;
let keys: PaymentProvider;
beforeAll(async () => {
  erp = await openPreparedErp();
  const { env } = await startTestWorld();
  stripe = createStripe({ secretKey: env.STRIPE_SECRET_KEY!, apiUrl: env.STRIPE_API_URL });
  keys = {
    stripe,
    secretKey: env.STRIPE_SECRET_KEY!,
    publishableKey: env.STRIPE_PUBLISHABLE_KEY!,
    livemode: false,
  };
}, 180_000);
afterEach(async () => {
  await removePaymentProvider(erp.admin, { stripe, dryRun: false, say: () => {} });
});

const run = async (paymentProvider: PaymentProvider | undefined, dryRun = false, admin: Odoo = erp.admin) => {
  const lines: string[] = [];
  const changes = await setupErp({
    odooAdmin: admin,
    odooAs: erp.as,
    keyFile: erp.keyFile,
    serviceLogin: SERVICE,
    dryRun,
    ...(paymentProvider !== undefined && { paymentProvider }),
    print: (line) => lines.push(line),
  });
  return { changes, lines };
};

interface Provider {
  readonly id: number;
  readonly state: string;
  readonly stripe_publishable_key: string | false;
  readonly stripe_secret_key: string | false;
  readonly stripe_webhook_secret: string | false;
}

async function provider(): Promise<Provider> {
  const [row] = await erp.admin.call<Provider[]>('payment.provider', 'search_read', {
    domain: [['code', '=', 'stripe']],
    fields: ['state', 'stripe_publishable_key', 'stripe_secret_key', 'stripe_webhook_secret'],
    limit: 1,
  });
  return row!;
}

const endpoints = async () => (await stripe.webhookEndpoints.list({ limit: 100 })).data;
const EMPTY = {
  state: 'disabled',
  stripe_publishable_key: false,
  stripe_secret_key: false,
  stripe_webhook_secret: false,
};

describe('setup erp --payment-provider', () => {
  test('a dry run says what would be done, changes nothing and shows no key', async () => {
    const { changes, lines } = await run(keys, true);
    expect(changes).toHaveLength(1);
    expect(lines.join('\n')).toContain('state "test"');
    expect(lines.join('\n')).not.toContain(keys.secretKey);
    expect(await provider()).toMatchObject(EMPTY);
    expect(await endpoints()).toEqual([]);
  });

  test('fills in keys, state and webhook, once, and takes all of it away again', async () => {
    const { changes, lines } = await run(keys);
    expect(changes).toHaveLength(1);
    const [endpoint, ...more] = await endpoints();
    expect(more).toEqual([]);
    expect(endpoint).toMatchObject({ status: 'enabled', api_version: '2019-05-16' });
    expect(new URL(endpoint!.url).pathname).toBe('/payment/stripe/webhook');
    expect(endpoint!.enabled_events).toContain('payment_intent.succeeded');
    const filled = await provider();
    expect(filled).toMatchObject({
      state: 'test',
      stripe_publishable_key: keys.publishableKey,
      stripe_secret_key: keys.secretKey,
    });
    expect(filled.stripe_webhook_secret).toMatch(/^whsec_/);
    expect(lines.join('\n')).not.toContain(String(filled.stripe_webhook_secret));

    expect(await run(keys)).toEqual({ changes: [], lines: ['nothing to do'] });
    expect((await endpoints()).map(({ id }) => id)).toEqual([endpoint!.id]);

    const said: string[] = [];
    await removePaymentProvider(erp.admin, { stripe, dryRun: false, say: (line) => said.push(line) });
    expect(said).toHaveLength(2);
    expect(await provider()).toMatchObject(EMPTY);
    expect(await endpoints()).toEqual([]);
  });

  test('a webhook secret that was lost is replaced', async () => {
    await run(keys);
    const before = await provider();
    await erp.admin.call('payment.provider', 'write', {
      ids: [before.id],
      vals: { stripe_webhook_secret: false },
    });
    expect((await run(keys)).changes).toHaveLength(1);
    const after = await provider();
    expect(after.stripe_webhook_secret).toMatch(/^whsec_/);
    expect(after.stripe_webhook_secret).not.toBe(before.stripe_webhook_secret);
    expect(await endpoints()).toHaveLength(1);
  });

  test('keys somebody else has put there are left alone', async () => {
    const { id } = await provider();
    const theirs = { stripe_publishable_key: 'pk_test_theirs', stripe_secret_key: 'sk_test_theirs' };
    await erp.admin.call('payment.provider', 'write', { ids: [id], vals: theirs });
    try {
      await expect(run(keys)).rejects.toMatchObject({
        kind: 'conflict',
        code: 'erp_payment_provider_in_use',
      });
      await removePaymentProvider(erp.admin, { stripe, dryRun: false, say: () => {} });
      expect(await provider()).toMatchObject(theirs);
    } finally {
      await erp.admin.call('payment.provider', 'write', {
        ids: [id],
        vals: { stripe_publishable_key: false, stripe_secret_key: false },
      });
    }
  });

  test('an Odoo without payment_stripe is told so', async () => {
    const without: Odoo = {
      ...erp.admin,
      call: async <T>(model: string, method: string, args: Record<string, unknown> = {}) =>
        model === 'ir.model' && JSON.stringify(args).includes('payment.provider')
          ? ([] as T)
          : erp.admin.call<T>(model, method, args),
    };
    const { changes, lines } = await run(keys, false, without);
    expect(changes).toEqual([]);
    expect(lines[0]).toContain('payment_stripe is not installed');
  });
});
