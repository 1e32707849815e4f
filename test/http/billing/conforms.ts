/** Every answer of the billing API's tests is held against the OpenAPI document. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { openApi } from '../../../connector/http/billing/openapi.ts';

export const document = openApi('http://connector.example') as {
  paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, unknown> }> }>>;
};
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(document, 'openapi.json');
const escaped = (text: string) => encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'));
const routes = Object.keys(document.paths).map((route) => ({
  route,
  pattern: new RegExp(`^${route.replace(/\{\w+\}/g, '[^/]+')}$`),
}));
/** In which file's tests each operation is seen to succeed; those that have a file of their own are not listed. */
export const SEEN_IN = {
  reading: [
    'GET /api/v1/billing/summary',
    'GET /api/v1/billing/subscription',
    'GET /api/v1/billing/tiers',
    'GET /api/v1/billing/customer',
    'GET /api/v1/billing/upcoming-invoice',
    'GET /api/v1/billing/invoices',
    'DELETE /api/v1/billing/subscription',
  ],
  changing: [
    'POST /api/v1/billing/subscription',
    'PATCH /api/v1/billing/subscription',
    'POST /api/v1/billing/cancel',
    'POST /api/v1/billing/reactivate',
    'POST /api/v1/billing/pause',
    'POST /api/v1/billing/resume',
    'POST /api/v1/billing/change-tier/preview',
    'POST /api/v1/billing/change-tier',
    'POST /api/v1/billing/change-tier/revoke',
    'POST /api/v1/billing/promotion-code',
    'DELETE /api/v1/billing/promotion-code',
    'PATCH /api/v1/billing/customer',
    'DELETE /api/v1/billing/customer',
    'POST /api/v1/billing/portal',
  ],
  routes: ['POST /api/v1/billing/checkout'],
} as const;

/** Each operation with the answers that this file's tests have seen of it. */
const seen = new Map<string, Set<number>>();

/** @param path whole, with its query */
export function conforms(
  method: string,
  path: string,
  { status, headers, body }: { status: number; headers: Headers; body: unknown },
): void {
  const pathname = path.split('?')[0]!;
  // A fixed path goes before one with a parameter.
  const found = routes.filter(({ pattern }) => pattern.test(pathname));
  const { route } = found.find((each) => each.route === pathname) ?? found[0] ?? {};
  expect(route, path).toBeDefined();
  const operation = document.paths[route!]![method.toLowerCase()];
  expect(operation, `${method} ${path} is documented`).toBeDefined();
  const response = operation!.responses[String(status)];
  expect(response, `${method} ${path} → ${status} is documented`).toBeDefined();
  const name = `${method} ${route}`;
  seen.set(name, (seen.get(name) ?? new Set()).add(status));
  if (body === null) {
    expect(response!.content, `${name} → ${status} has no body`).toBeUndefined();
    return;
  }
  const type = headers.get('content-type')!.split(';')[0]!;
  expect(Object.keys(response!.content ?? {})).toEqual([type]);
  const pointer = [
    'paths',
    route!,
    method.toLowerCase(),
    'responses',
    String(status),
    'content',
    type,
    'schema',
  ];
  const check =
    ajv.getSchema(`openapi.json#/${pointer.map(escaped).join('/')}`) ??
    ajv.compile({ $ref: `openapi.json#/${pointer.map(escaped).join('/')}` });
  expect(check(body) ? [] : check.errors, `${name} → ${status} ${JSON.stringify(body)}`).toEqual([]);
}

/** Operations that a file's tests were to see succeed, and have not. */
export const unseen = (file: keyof typeof SEEN_IN): string[] =>
  SEEN_IN[file].filter((name) => [...(seen.get(name) ?? [])].every((status) => status >= 300));
