/** The billing API: each route of the table behind token, validation and Idempotency-Key. */
import { createHash, randomUUID } from 'node:crypto';
import express, { type Request, Router } from 'express';
import { invalidRequest } from '../../billing/checkout-errors.ts';
import { type KeptAnswer, oncePerKey } from '../../billing/once-per-key.ts';
import { clean, compileCheck, type FieldError } from '../../billing/order-input.ts';
import type { Database } from '../../db/database.ts';
import type { Vault } from '../../secrets/vault.ts';
import { idempotencyKeyOf } from '../idempotency-key.ts';
import { jsonBody } from '../json-body.ts';
import { rateLimit } from '../rate-limit.ts';
import { type CallerDeps, organisationOf, provenOrganisation } from './caller.ts';
import {
  type BillingDeps,
  type BillingRoute,
  bodyOf,
  type Call,
  fullPath,
  type Properties,
} from './route.ts';
import { BILLING_ROUTES } from './routes.ts';

export interface BillingRouterDeps extends BillingDeps, CallerDeps {
  readonly db: Database;
  readonly vault: Vault;
  /** Requests a minute from one address without a valid token (default 120); an organisation has five times as many. */
  readonly perMinute?: number;
}

/** How much more a proven organisation may ask than an address. */
const PER_ORGANISATION = 5;

type Check = (value: unknown) => FieldError[];

export function billingRouter(deps: BillingRouterDeps): Router {
  const router = Router();
  const perMinute = deps.perMinute ?? 120;
  // A website, or the product itself, asks for all its organisations from one address.
  const limit = rateLimit(perMinute, undefined, {
    of: (req) => provenOrganisation(deps, req),
    perMinute: perMinute * PER_ORGANISATION,
  });
  const raw = express.raw({ type: () => true, limit: '64kb' });
  for (const route of BILLING_ROUTES) {
    const checks = checksOf(route);
    router[route.method](expressPath(route), limit, raw, async (req, res) => {
      const call = await callOf(deps, { req, route, checks });
      const { status, body } = await answer(deps, { req, route, call });
      if (body === null) res.status(status).end();
      else res.status(status).json(body);
    });
  }
  return router;
}

/** `/addons/{id}` → `/api/v1/billing/addons/:id`. */
const expressPath = (route: BillingRoute): string => fullPath(route).replace(/\{(\w+)\}/g, ':$1');

interface Checks {
  readonly params: Check;
  readonly query: Check;
  readonly body: Check;
}

function checksOf({ params = {}, query = {}, body }: BillingRoute): Checks {
  const compiled = (properties: Properties, required: readonly string[]) =>
    compileCheck(bodyOf(properties, required));
  return {
    params: compiled(params, Object.keys(params)),
    query: compiled(query, []),
    body: body === undefined ? () => [] : compileCheck(body),
  };
}

/** @throws ConnectorError `unauthorized`, `token_refused`, `invalid_request` with every field error */
async function callOf(
  deps: BillingRouterDeps,
  { req, route, checks }: { req: Request; route: BillingRoute; checks: Checks },
): Promise<Call> {
  // Before anything is said about the request: a stranger learns nothing of it.
  const organisation = await organisationOf(deps, req);
  const params = req.params as Record<string, string>;
  const query = req.query as Record<string, string>;
  const body = route.body === undefined ? {} : (clean(bodyJson(req)) as Record<string, unknown>);
  const errors = [...checks.params(params), ...checks.query(query), ...checks.body(body)];
  if (errors.length > 0) throw invalidRequest(errors);
  const key = route.method === 'post' ? idempotencyKeyOf(req) : undefined;
  const requestId = key === undefined ? randomUUID() : hash(`${organisation.id} ${key}`).slice(0, 32);
  return { organisation, params, query, body, requestId };
}

/** A body may be left out where no field is required. */
function bodyJson(req: Request): unknown {
  return Buffer.isBuffer(req.body) && req.body.length > 0 ? jsonBody(req) : {};
}

async function answer(
  deps: BillingRouterDeps,
  { req, route, call }: { req: Request; route: BillingRoute; call: Call },
): Promise<KeptAnswer> {
  const work = () => route.handle(deps, call);
  const key = route.method === 'post' ? idempotencyKeyOf(req) : undefined;
  if (key === undefined) return work();
  const request = {
    scope: `billing/org_${call.organisation.id}`,
    key,
    requestHash: hash(JSON.stringify([route.operationId, call.params, call.query, call.body])),
  };
  return oncePerKey(deps, request, work);
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
