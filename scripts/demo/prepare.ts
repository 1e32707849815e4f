/** Makes an installation ready as an operator would: `setup erp`, `setup stripe`, and the environment that comes of it. */

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type Stripe from 'stripe';
import { loadCatalogue } from '../../connector/billing/plans.ts';
import { registeredTypes } from '../../connector/inbox/event-table.ts';
import type { Log } from '../../connector/log.ts';
import { createOdoo } from '../../connector/odoo/odoo.ts';
import { erpNudgeUrl } from '../../connector/secrets/erp-nudge-token.ts';
import { API_VERSION, createStripe } from '../../connector/stripe/client.ts';
import { SERVICE_LOGIN, setupErp } from '../commands/setup-erp.ts';
import { setupStripe } from '../commands/setup-stripe.ts';
import { writeWhole } from './folder.ts';

type Env = Readonly<Record<string, string>>;

/**
 * @param input.folder keeps what set-up writes: the ERP key, the webhook secret, our own secret (mode 0600 each)
 * @param input.env addresses and administrator's keys; ODOO_ADMIN_API_KEY left out: the ERP is set up already
 * @returns the environment `npm start` would be given
 */
export async function prepareInstallation(input: {
  folder: string;
  env: Env;
  publicUrl: string;
  log: Log;
  print: (line: string) => void;
  /** No other installation uses this Stripe account. */
  alone?: boolean;
}): Promise<Env> {
  const { folder, env, publicUrl } = input;
  mkdirSync(folder, { recursive: true });
  const connectorSecret = kept(join(folder, 'connector.secret'), () => randomBytes(32).toString('base64'));
  const nudgeUrl = erpNudgeUrl(publicUrl, connectorSecret);
  const erp = env.ODOO_ADMIN_API_KEY === undefined ? {} : await prepareErp({ ...input, nudgeUrl });
  const webhookSecret = await prepareStripe(input);
  return {
    ...env,
    ...erp,
    PUBLIC_URL: publicUrl,
    PORT: new URL(publicUrl).port,
    STRIPE_WEBHOOK_SECRET: webhookSecret,
    CONNECTOR_SECRET: connectorSecret,
    CONNECTOR_API_KEYS: kept(join(folder, 'operator.key'), () => randomBytes(24).toString('hex')),
    DATA_DIR: folder,
  };
}

async function prepareErp({
  folder,
  env,
  log,
  print,
  nudgeUrl,
}: Parameters<typeof prepareInstallation>[0] & { nudgeUrl: string }): Promise<Env> {
  const keyFile = join(folder, 'odoo.key');
  const odooAs = (username: string, apiKey: string) =>
    createOdoo({
      url: env.ODOO_URL!,
      db: env.ODOO_DB!,
      username,
      apiKey,
      transport: (env.ODOO_TRANSPORT ?? 'auto') as 'auto',
      log,
    });
  const admin = odooAs(env.ODOO_ADMIN_USERNAME ?? env.ODOO_USERNAME ?? 'admin', env.ODOO_ADMIN_API_KEY!);
  await setupErp({ odooAdmin: admin, odooAs, keyFile, nudgeUrl, print });
  return { ODOO_USERNAME: SERVICE_LOGIN, ODOO_API_KEY: readFileSync(keyFile, 'utf8').trim() };
}

async function prepareStripe(input: Parameters<typeof prepareInstallation>[0]): Promise<string> {
  const { folder, env, publicUrl, print } = input;
  const secretFile = join(folder, 'stripe-webhook.secret');
  const stripe = createStripe({ secretKey: env.STRIPE_SECRET_KEY!, apiUrl: env.STRIPE_API_URL });
  const webhookUrl = `${publicUrl}/webhooks/stripe`;
  if (input.alone) await forgetOtherEndpoints({ stripe, webhookUrl, secretFile });
  await setupStripe({
    stripe,
    catalogue: loadCatalogue(new URL('../../mappings/plans.json', import.meta.url)),
    webhookUrl,
    secretFile,
    dryRun: false,
    print,
    eventTypes: registeredTypes(),
    apiVersion: API_VERSION,
  });
  return readFileSync(secretFile, 'utf8').trim();
}

/**
 * An endpoint elsewhere is this installation's own from before it moved: whoever listens there now is not to be sent a
 * customer's events, and its secret is of no use.
 */
async function forgetOtherEndpoints(input: {
  stripe: Stripe;
  webhookUrl: string;
  secretFile: string;
}): Promise<void> {
  const { data } = await input.stripe.webhookEndpoints.list({ limit: 100 });
  for (const { id, url } of data) if (url !== input.webhookUrl) await input.stripe.webhookEndpoints.del(id);
  if (!data.some(({ url }) => url === input.webhookUrl)) rmSync(input.secretFile, { force: true });
}

/** Made once, then read: a resumed demo must open what the first one sealed. */
function kept(file: string, make: () => string): string {
  if (!existsSync(file)) writeWhole(file, make());
  return readFileSync(file, 'utf8').trim();
}
