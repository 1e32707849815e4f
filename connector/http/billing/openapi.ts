/** OpenAPI 3.1 of the billing API, made from the table that routes and validates. */
import { CHECKOUT_BODY } from '../checkout.ts';
import { PROBLEM_STATUS } from '../problem.ts';
import { fullPath, type Properties, type RouteShape } from './route.ts';
import { BILLING_ROUTES } from './routes.ts';
import { COMPONENTS, record, refTo } from './schemas.ts';

const text = { type: 'string' };

/** Its router is its own: visitors without a token use it too. */
const CHECKOUT: RouteShape = {
  method: 'post',
  path: '/checkout',
  operationId: 'startCheckout',
  summary: 'An order and a session to pay it; without a token for a new organisation',
  body: CHECKOUT_BODY,
  answers: {
    201: {
      description: 'The order and its session (docs/checkout-api.md)',
      schema: {
        ...record({
          order: text,
          order_url: text,
          session_id: text,
          expires_at: text,
          publishable_key: text,
        }),
        properties: {
          order: text,
          order_url: text,
          session_id: text,
          expires_at: { type: 'string', format: 'date-time' },
          publishable_key: text,
          client_secret: { ...text, description: 'ui embedded' },
          checkout_url: { ...text, description: 'ui redirect' },
        },
      },
    },
  },
  problems: ['order_not_found', 'order_already_paid', 'payment_under_way', 'checkout_in_progress'],
};

const ALWAYS = [
  // What a route does not know is refused, not ignored.
  'invalid_request',
  'unauthorized',
  'token_refused',
  'rate_limited',
  'temporarily_unavailable',
  'upstream_refused',
  'payment_system_not_configured',
];
const WITH_BODY = ['body_not_json', 'body_not_utf8', 'body_too_large', 'unsupported_media_type'];
const WITH_KEY = ['idempotency_key_invalid', 'idempotency_key_reused', 'request_in_progress'];

/** @param publicUrl where it is served; printed by the CLI without a server of its own */
export function openApi(publicUrl: string): Record<string, unknown> {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of [...BILLING_ROUTES, CHECKOUT]) {
    const path = fullPath(route);
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Billing API',
      version: '1',
      description:
        'For a website that acts for one organisation, by a token. Amounts are in minor units, times UTC. Problems are RFC 9457 documents with a stable code.',
    },
    servers: [{ url: publicUrl }],
    security: [{ organisation: [] }],
    paths,
    components: {
      schemas: COMPONENTS,
      securitySchemes: {
        organisation: {
          type: 'http',
          scheme: 'bearer',
          description:
            'Speaks for one organisation for an hour; made by POST /api/v1/admin/organisations/{id}/token with an operator key.',
        },
      },
    },
  };
}

function operation(route: RouteShape): object {
  const { params = {}, query = {}, body } = route;
  const anonymous = route === CHECKOUT;
  const parameters = [
    ...parametersOf(params, 'path'),
    ...parametersOf(query, 'query'),
    ...(route.method === 'post' ? [IDEMPOTENCY_KEY] : []),
  ];
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(anonymous && { security: [{}, { organisation: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: body.required.length > 0,
        content: { 'application/json': { schema: body } },
      },
    }),
    responses: { ...answersOf(route), ...problemsOf(route) },
  };
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same request with the same key has the same answer for 24 hours. A UUID is best.',
  schema: { type: 'string', minLength: 16, maxLength: 255 },
};

const parametersOf = (properties: Properties, place: 'path' | 'query') =>
  Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path',
    schema,
  }));

const answersOf = ({ answers }: RouteShape) =>
  Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema }]) => [
      status,
      { description, ...(schema !== null && { content: { 'application/json': { schema } } }) },
    ]),
  );

/** One answer a status, with the codes it may carry. */
function problemsOf(route: RouteShape): Record<string, object> {
  const codes = [
    ...ALWAYS,
    ...(route.body === undefined ? [] : WITH_BODY),
    ...(route.method === 'post' ? WITH_KEY : []),
    ...route.problems,
  ];
  const byStatus = new Map<number, string[]>();
  for (const code of new Set(codes)) {
    const status = PROBLEM_STATUS[code]!;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, known]) => [
      String(status),
      {
        description: known.join(', '),
        content: {
          'application/problem+json': {
            schema: {
              allOf: [
                refTo('Problem'),
                { type: 'object', properties: { status: { const: status }, code: { enum: known } } },
              ],
            },
          },
        },
      },
    ]),
  );
}
