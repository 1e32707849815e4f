/** One route of the billing API: drives Express' routing, the validation of what comes in, and OpenAPI. */
import type { AccountGateway } from '../../billing/account/gateway.ts';
import type { AccountOrganisation } from '../../billing/account/organisation.ts';
import type { Catalogue } from '../../billing/catalogue.ts';
import type { AddOnDeps } from '../../billing/commands/addons.ts';
import type { PayInvoiceDeps } from '../../billing/commands/pay-invoice.ts';
import type { PlanDeps } from '../../billing/commands/preview-change.ts';
import type { UsageDeps } from '../../billing/commands/report-usage.ts';
import type { ErasureReport } from '../../provisioning/erasure/report.ts';

/** What routes work with; the organisation is in the call. */
export interface BillingDeps {
  readonly commands: PlanDeps & AddOnDeps & PayInvoiceDeps & UsageDeps;
  readonly account: AccountGateway;
  /** Everywhere; what the law keeps is named in the report. @throws ConnectorError conflict `subscription_alive`, `legal_hold` … */
  readonly eraseOrganisation: (organisationId: number) => Promise<ErasureReport>;
  readonly catalogue: Catalogue;
  readonly publicUrl: string;
}

/** A request that was let in: the organisation comes from its token, never from what it says. */
export interface Call {
  readonly organisation: AccountOrganisation;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Names this wish: the same for every request with the same Idempotency-Key. */
  readonly requestId: string;
  /** As the route's body schema has it. */
  readonly body: Readonly<Record<string, unknown>>;
}

interface Reply {
  readonly status: number;
  /** null: none. */
  readonly body: object | null;
}

export type Properties = Readonly<Record<string, object>>;

export interface BodySchema {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly required: readonly string[];
  readonly properties: Properties;
}

export interface RouteShape {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** Default /api/v1/billing. */
  readonly base?: string;
  /** Below the base, with `{id}` for a parameter. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly params?: Properties;
  readonly query?: Properties;
  readonly body?: BodySchema;
  /** A schema by status; null: an answer without a body. */
  readonly answers: Readonly<
    Record<number, { readonly description: string; readonly schema: object | null }>
  >;
  /** Codes it ends in, beside those of every route. */
  readonly problems: readonly string[];
}

export interface BillingRoute extends RouteShape {
  readonly handle: (deps: BillingDeps, call: Call) => Promise<Reply>;
}

/** `/addons/{id}` → `/api/v1/billing/addons/{id}`. */
export const fullPath = ({ base = '/api/v1/billing', path }: Pick<RouteShape, 'base' | 'path'>): string =>
  `${base}${path}`;

export const bodyOf = (properties: Properties, required: readonly string[] = []): BodySchema => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});
