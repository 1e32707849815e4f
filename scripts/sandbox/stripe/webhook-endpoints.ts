/** Webhook endpoints. https://docs.stripe.com/api/webhook_endpoints */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { invalid, missing } from './errors.ts';
import { newId, randomText } from './ids.ts';
import { newestFirst, type Paging, page } from './list.ts';
import { mergeMetadata } from './metadata.ts';
import { flag, list, map, PAGING, required, text } from './params.ts';
import type { Plain, WebhookEndpoint } from './plain.ts';
import { route } from './route.ts';
import type { StoredEndpoint } from './tables.ts';

type Create = Plain<Stripe.WebhookEndpointCreateParams>;
type Update = Plain<Stripe.WebhookEndpointUpdateParams>;

const FIELDS = { enabled_events: list(text), url: text, description: text, metadata: map };

export const webhookEndpointRoutes = [
  route<Create>(
    'POST',
    '/v1/webhook_endpoints',
    {
      ...FIELDS,
      enabled_events: required(list(text)),
      url: required(text),
      api_version: text,
      connect: flag,
    },
    ({ core, params }) => {
      const stored = createEndpoint(core, {
        url: params.url,
        events: params.enabled_events,
        apiVersion: params.api_version ?? null,
        secrets: [`whsec_${randomText(32)}`],
        metadata: mergeMetadata(null, params.metadata),
        description: params.description || null,
      });
      // "secret: The endpoint's secret, used to generate webhook signatures. Only returned at creation."
      return { ...stored.endpoint, secret: stored.secrets[0] };
    },
  ),
  route('GET', '/v1/webhook_endpoints/:id', {}, ({ core, id }) => endpointOf(core, id).endpoint),
  // api_version is not among the parameters: a new version means a second endpoint.
  route<Update>(
    'POST',
    '/v1/webhook_endpoints/:id',
    { ...FIELDS, disabled: flag },
    ({ core, id, params }) => {
      const stored = endpointOf(core, id);
      if (params.url !== undefined) checkUrl(params.url);
      if (params.enabled_events !== undefined) checkEvents(params.enabled_events);
      const endpoint: WebhookEndpoint = {
        ...stored.endpoint,
        ...(params.url !== undefined && { url: params.url }),
        ...(params.enabled_events !== undefined && { enabled_events: params.enabled_events }),
        ...(params.description !== undefined && { description: params.description || null }),
        ...(params.disabled !== undefined && { status: params.disabled ? 'disabled' : 'enabled' }),
        ...(params.metadata !== undefined && {
          metadata: mergeMetadata(stored.endpoint.metadata, params.metadata),
        }),
      };
      core.tables.endpoints.put(id, { ...stored, endpoint });
      return endpoint;
    },
  ),
  route('DELETE', '/v1/webhook_endpoints/:id', {}, ({ core, id }) => {
    endpointOf(core, id);
    core.tables.endpoints.delete(id);
    return { id, object: 'webhook_endpoint', deleted: true };
  }),
  route<Paging>('GET', '/v1/webhook_endpoints', PAGING, ({ core, params, path }) =>
    page(newestFirst(core.tables.endpoints.all().map(({ endpoint }) => endpoint)), params, path),
  ),
];

function endpointOf(core: Core, id: string): StoredEndpoint {
  const stored = core.tables.endpoints.get(id);
  if (!stored) throw missing('webhook endpoint', id);
  return stored;
}

export function createEndpoint(
  core: Core,
  input: {
    id?: string;
    url: string;
    events: readonly string[];
    apiVersion: string | null;
    secrets: readonly string[];
    metadata: Record<string, string>;
    description: string | null;
  },
): StoredEndpoint {
  checkUrl(input.url);
  checkEvents(input.events);
  const endpoint: WebhookEndpoint = {
    id: input.id ?? newId('we'),
    object: 'webhook_endpoint',
    api_version: input.apiVersion,
    application: null,
    created: core.now(),
    description: input.description,
    enabled_events: [...input.events],
    livemode: false,
    metadata: input.metadata,
    status: 'enabled',
    url: input.url,
  };
  const stored = { id: endpoint.id, endpoint, secrets: input.secrets };
  core.tables.endpoints.put(endpoint.id, stored);
  return stored;
}

function checkUrl(url: string): void {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw invalid('Invalid URL: An explicit scheme (such as https) must be provided.', {
      param: 'url',
      code: 'url_invalid',
    });
  }
}

function checkEvents(events: readonly string[]): void {
  for (const type of events) {
    if (type === '*' || /^[a-z_0-9]+(\.[a-z_0-9]+)+$/.test(type)) continue;
    throw invalid(`The event type \`${type}\` is not valid.`, { param: 'enabled_events' });
  }
}
