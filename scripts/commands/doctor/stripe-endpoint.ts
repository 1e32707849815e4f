import type { Config } from '../../../connector/config-schema.ts';
import { registeredTypes } from '../../../connector/inbox/event-table.ts';
import { API_VERSION, type Stripe } from '../../../connector/stripe/client.ts';
import { stripeCall } from '../../../connector/stripe/errors.ts';
import { type Finding, green, red, yellow } from './finding.ts';

const SETUP = 'npm run cli -- setup stripe';

/** The endpoint at our address: mode, state, events as in the event table, version. */
export async function endpointFindings(stripe: Stripe, config: Config): Promise<readonly Finding[]> {
  const url = `${config.publicUrl}/webhooks/stripe`;
  const all = await stripeCall(() =>
    stripe.webhookEndpoints.list({ limit: 100 }).autoPagingToArray({ limit: 1000 }),
  );
  const here = all.filter((endpoint) => endpoint.url === url);
  const enabled = here.filter(({ status }) => status === 'enabled');
  if (here.length === 0)
    return [red(`no webhook endpoint at ${url}`, `Make it: ${SETUP} --secret-file <path>`)];
  if (enabled.length === 0)
    return [red(`the webhook endpoint at ${url} is disabled`, 'Enable it in the Stripe Dashboard.')];
  const several =
    enabled.length > 1
      ? [
          yellow(
            `${enabled.length} webhook endpoints at ${url}: every event comes more than once`,
            'When the newest secret is in STRIPE_WEBHOOK_SECRET, delete the others in the Dashboard.',
          ),
        ]
      : [];
  const current = enabled.find(({ api_version }) => api_version === API_VERSION) ?? enabled[0]!;
  return [
    green(`webhook endpoint ${current.id} at ${url}`),
    ...several,
    ...modeFindings(current, config),
    ...eventFindings(current.enabled_events),
    versionFinding(current.api_version),
  ];
}

function modeFindings(endpoint: Stripe.WebhookEndpoint, config: Config): Finding[] {
  if (endpoint.livemode === config.stripe.livemode) return [];
  const mode = (live: boolean) => (live ? 'live' : 'test');
  return [
    red(
      `the endpoint is of ${mode(endpoint.livemode)} mode, the key of ${mode(config.stripe.livemode)} mode`,
      'Take key and endpoint from one mode.',
    ),
  ];
}

function eventFindings(types: readonly string[]): Finding[] {
  const wanted = new Set<string>(registeredTypes());
  if (types.includes('*'))
    return [yellow('the endpoint gets all events', `Narrow it to those that are used: ${SETUP}`)];
  const missing = [...wanted].filter((type) => !types.includes(type));
  const extra = types.filter((type) => !wanted.has(type));
  if (missing.length > 0) return [red(`the endpoint lacks ${missing.join(', ')}`, `Add: ${SETUP}`)];
  if (extra.length > 0)
    return [yellow(`the endpoint gets unused ${extra.join(', ')}`, `Narrow it: ${SETUP}`)];
  return [green(`all ${wanted.size} events of the event table`)];
}

function versionFinding(version: string | null): Finding {
  if (version === API_VERSION) return green(`events come in version ${API_VERSION}`);
  return yellow(
    `events come in version ${version ?? 'of the account'}, the connector is made for ${API_VERSION}`,
    `Make an endpoint of that version: ${SETUP} --secret-file <path>`,
  );
}
