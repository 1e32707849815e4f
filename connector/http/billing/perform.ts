/** A route of the API, done for the billing page: the same checks, the same commands, the same refusals. */
import { invalidRequest } from '../../billing/checkout-errors.ts';
import { compileCheck } from '../../billing/order-input.ts';
import type { BillingDeps, BillingRoute, Call } from './route.ts';
import { BILLING_ROUTES } from './routes.ts';

const CHECKS = new Map(
  BILLING_ROUTES.map((route) => [route.operationId, route.body && compileCheck(route.body)]),
);

/** @throws ConnectorError `invalid_request`: not as the route's schema wants it */
export function requireBody(operationId: string, body: unknown): void {
  const errors = CHECKS.get(operationId)?.(body) ?? [];
  if (errors.length > 0) throw invalidRequest(errors);
}

/** @throws ConnectorError `invalid_request`, what the route throws */
export async function perform(
  deps: BillingDeps,
  operationId: string,
  call: Pick<Call, 'organisation' | 'requestId'> & Partial<Pick<Call, 'body' | 'params' | 'query'>>,
): ReturnType<BillingRoute['handle']> {
  const route = BILLING_ROUTES.find((each) => each.operationId === operationId)!;
  const body = call.body ?? {};
  requireBody(operationId, body);
  return route.handle(deps, { params: {}, query: {}, ...call, body });
}
