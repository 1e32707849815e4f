/** `cli setup stripe`: products, prices, webhook endpoint and portal, in line with the catalogue. */
import { open, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type Stripe from 'stripe';
import type { Catalogue } from '../../connector/billing/catalogue.ts';
import { loadCatalogue } from '../../connector/billing/plans.ts';
import { wantedProducts } from '../../connector/billing/wanted-products.ts';
import { ConnectorError } from '../../connector/errors.ts';
import { registeredTypes } from '../../connector/inbox/event-table.ts';
import { catalogueChanges } from '../../connector/stripe/catalogue.ts';
import { API_VERSION, createStripe } from '../../connector/stripe/client.ts';
import { portalChanges, portalReturnUrl } from '../../connector/stripe/portal-configuration.ts';
import { endpointPlan } from '../../connector/stripe/webhook-endpoint.ts';

export interface SetupStripe {
  readonly stripe: Stripe;
  readonly catalogue: Catalogue;
  /** Where Stripe sends events: `${PUBLIC_URL}/webhooks/stripe`. */
  readonly webhookUrl: string;
  /**
   * Where the endpoint's signing secret is written, mode 0600; needed only when an endpoint is made. When there is an
   * endpoint but nothing in this file, the secret is lost (a set-up that died): the endpoint is replaced.
   */
  readonly secretFile: string | undefined;
  /** The installation has a secret already (STRIPE_WEBHOOK_SECRET): its endpoint is never replaced. */
  readonly secretKnown?: boolean;
  readonly dryRun: boolean;
  readonly print: (line: string) => void;
  readonly eventTypes: readonly string[];
  readonly apiVersion: string;
}

/**
 * Prints the difference, then makes it so (unless `dryRun`). Doing it again prints "nothing to do".
 * @returns how many changes were found
 * @throws ConnectorError permanent `secret_file_missing`, `secret_file_unusable`, and Stripe's classified errors
 */
export async function setupStripe(setup: SetupStripe): Promise<number> {
  const { stripe, print } = setup;
  const secretLost =
    setup.secretFile !== undefined && !setup.secretKnown && (await isMissingOrEmpty(setup.secretFile));
  const catalogue = await catalogueChanges(stripe, wantedProducts(setup.catalogue));
  const endpoint = await endpointPlan(stripe, {
    url: setup.webhookUrl,
    eventTypes: setup.eventTypes,
    apiVersion: setup.apiVersion,
    keepSecret: (secret) => writeSecret(setup.secretFile!, secret),
    secretLost,
  });
  const portal = await portalChanges(stripe, portalReturnUrl(setup.webhookUrl));
  const changes = [...catalogue, ...endpoint.changes, ...portal];
  for (const { text } of changes) print(`${setup.dryRun ? 'would ' : ''}${text}`);
  for (const note of endpoint.notes) print(`note: ${note}`);
  if (changes.length === 0) print('nothing to do');
  if (setup.dryRun || changes.length === 0) return changes.length;
  if (endpoint.makesSecret) await reserveSecretFile(setup.secretFile);
  try {
    for (const change of changes) await change.apply();
  } catch (thrown) {
    if (endpoint.makesSecret) await removeIfEmpty(setup.secretFile!);
    throw thrown;
  }
  print(`done: ${changes.length} change${changes.length === 1 ? '' : 's'}`);
  if (endpoint.makesSecret)
    print(
      `the webhook secret is in ${setup.secretFile}: put it into STRIPE_WEBHOOK_SECRET (or STRIPE_WEBHOOK_SECRET_FILE)`,
    );
  return changes.length;
}

/** Before the endpoint is made: Stripe shows the secret once, so there must be a place for it. */
async function reserveSecretFile(path: string | undefined): Promise<void> {
  if (path === undefined)
    throw new ConnectorError({
      kind: 'permanent',
      code: 'secret_file_missing',
      message: 'A webhook endpoint is to be made, and Stripe shows its signing secret only once.',
      advice: 'Say where to write it: --secret-file <path>.',
    });
  try {
    // An empty one was left by a set-up that died.
    if (await isMissingOrEmpty(path)) await (await open(path, 'a', 0o600)).close();
    else throw Object.assign(new Error('not empty'), { code: 'EEXIST' });
  } catch (cause) {
    throw unusable(path, cause);
  }
}

const unusable = (path: string, cause: unknown) =>
  new ConnectorError({
    kind: 'permanent',
    code: 'secret_file_unusable',
    message: `${path} cannot be written: ${(cause as NodeJS.ErrnoException).code}`,
    advice: 'Name a file that does not exist yet, in a folder that may be written.',
    cause,
  });

async function isMissingOrEmpty(path: string): Promise<boolean> {
  try {
    return (await stat(path)).size === 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw unusable(path, error);
  }
}

async function writeSecret(path: string, secret: string): Promise<void> {
  try {
    await writeFile(path, `${secret}\n`, { mode: 0o600 });
  } catch (cause) {
    throw unusable(path, cause);
  }
}

async function removeIfEmpty(path: string): Promise<void> {
  if (await isMissingOrEmpty(path)) await rm(path, { force: true });
}

/** @returns the process's exit code */
export async function runSetupStripe(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      'dry-run': { type: 'boolean', default: false },
      'secret-file': { type: 'string' },
      catalogue: { type: 'string', default: join(env.MAPPINGS_DIR ?? 'mappings', 'plans.json') },
      'webhook-url': { type: 'string' },
    },
  });
  const secretKey = needed(
    env,
    'STRIPE_SECRET_KEY',
    'a key that may write products, prices, webhook endpoints and the portal',
  );
  const webhookUrl = values['webhook-url'] ?? webhookUrlAt(needed(env, 'PUBLIC_URL', PUBLIC_URL_MEANS));
  await setupStripe({
    stripe: createStripe({ secretKey, apiUrl: env.STRIPE_API_URL }),
    catalogue: loadCatalogue(values.catalogue),
    webhookUrl,
    secretFile: values['secret-file'],
    secretKnown: Boolean(env.STRIPE_WEBHOOK_SECRET),
    dryRun: values['dry-run'],
    print: (line) => console.log(line),
    eventTypes: registeredTypes(),
    apiVersion: API_VERSION,
  });
  return 0;
}

const PUBLIC_URL_MEANS = 'where Stripe reaches this service, e.g. https://connect.example.com';

function webhookUrlAt(publicUrl: string): string {
  if (/^https?:\/\//.test(publicUrl) && URL.canParse(publicUrl))
    return new URL('/webhooks/stripe', publicUrl).href;
  throw new ConnectorError({
    kind: 'permanent',
    code: 'config_invalid',
    message: `PUBLIC_URL ("${publicUrl}") is no address`,
    advice: `Set it to ${PUBLIC_URL_MEANS}.`,
  });
}

function needed(env: NodeJS.ProcessEnv, name: string, meaning: string): string {
  const value = env[name];
  if (value) return value;
  throw new ConnectorError({
    kind: 'permanent',
    code: 'config_invalid',
    message: `${name} is not set`,
    advice: `Set ${name}: ${meaning}.`,
  });
}
