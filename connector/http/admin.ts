/** /api/v1/admin: what operators do and see, by key. The CLI and the console are its clients. */
import { type ErrorRequestHandler, type RequestHandler, Router, raw } from 'express';
import type { CustomerPlan } from '../billing/plan-customer.ts';
import { asConnectorError, type ErrorKind } from '../errors.ts';
import type { RunStatus } from '../provisioning/ledger.ts';
import type { RunDetails, RunSummary } from '../provisioning/runs.ts';
import { equalSecret } from '../secrets/token.ts';
import { type ErasureAdmin, erasureRoutes } from './admin-erasure.ts';
import { type LifecycleAdmin, lifecycleRoutes } from './admin-lifecycle.ts';
import { type PassesAdmin, passRoutes } from './admin-passes.ts';
import { type RecordsAdmin, recordsRoutes } from './admin-records.ts';
import { type ReadRevenue, revenueRoutes } from './admin-revenue.ts';
import { type SubscriptionAdmin, subscriptionRoutes } from './admin-subscriptions.ts';
import { type SuspensionAdmin, suspensionRoutes } from './admin-suspensions.ts';
import { fieldsOf } from './optional-body.ts';
import { requestError, sendProblem } from './problem.ts';

export interface AdminPort {
  listRuns(filter: { status?: RunStatus; before?: string; limit: number }): Promise<readonly RunSummary[]>;
  /** undefined: no such run. */
  showRun(id: string): Promise<RunDetails | undefined>;
  retryRun(id: string): Promise<void>;
  /**
   * Asks Stripe for the customer's present state, in its lane. @returns what that changes
   * @throws ConnectorError absent `customer_not_found`
   */
  syncCustomer(input: { customerId: string; dryRun: boolean }): Promise<CustomerPlan>;
  readonly passes: PassesAdmin;
  readonly records: RecordsAdmin;
  readonly revenue: ReadRevenue;
  readonly subscriptions: SubscriptionAdmin;
  readonly suspensions: SuspensionAdmin;
  readonly lifecycle: LifecycleAdmin;
  /** @throws ConnectorError conflict `legal_hold`, `subscription_alive`, `person_is_contact` */
  readonly erasures: ErasureAdmin;
  reissueCredentials(subscriptionId: number): Promise<{ mailed: readonly string[] }>;
  revokeCredentials(subscriptionId: number): Promise<{ revoked: number }>;
  /** Lets the company's website act for an organisation. @throws ConnectorError absent `organisation_not_found` */
  issueOrganisationToken(organisationId: number): Promise<{ token: string; expiresInSeconds: number }>;
  /** Everything sealed, sealed anew under the first CONNECTOR_SECRET. @returns counts by what was sealed */
  resealSecrets(): Promise<{
    readonly resealed: Readonly<Record<string, number>>;
    readonly unreadable: Readonly<Record<string, number>>;
  }>;
  status(): Promise<Readonly<Record<string, unknown>>>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const STATUSES: readonly RunStatus[] = [
  'queued',
  'running',
  'waiting',
  'needs_attention',
  'done',
  'superseded',
];
const PAGE_LIMIT = 200;

export function adminRouter(deps: { admin: AdminPort; apiKeys: readonly string[] }): Router {
  const { admin } = deps;
  const router = Router();
  const api = Router();
  api.use(authorize(deps.apiKeys));

  api.get('/status', async (_req, res) => {
    res.json(await admin.status());
  });
  api.get('/runs', async (req, res) => {
    const runs = await admin.listRuns(runFilter(req.query));
    res.json({ runs });
  });
  api.get('/runs/:id', async (req, res) => {
    const run = await admin.showRun(runId(req.params.id));
    if (run === undefined)
      throw requestError('not_found', 'There is no such run.', 'List them with "cli runs list".');
    res.json(run);
  });
  api.post('/runs/:id/retry', async (req, res) => {
    await admin.retryRun(runId(req.params.id));
    res.status(202).json({ accepted: true });
  });
  api.post('/customers/:id/sync', raw({ type: () => true, limit: '4kb' }), async (req, res) => {
    const { dry_run: dryRun = false } = fieldsOf(req);
    if (typeof dryRun !== 'boolean') throw requestError('invalid_request', 'dry_run must be true or false.');
    const plan = await admin.syncCustomer({ customerId: customerId(req.params.id!), dryRun });
    res.status(dryRun ? 200 : 202).json({ accepted: !dryRun, plan });
  });
  api.post('/organisations/:id/token', async (req, res) => {
    const { token, expiresInSeconds } = await admin.issueOrganisationToken(rowId(req.params.id));
    res.status(201).json({ token, expires_in: expiresInSeconds });
  });
  passRoutes(api, admin.passes);
  recordsRoutes(api, admin.records);
  revenueRoutes(api, admin.revenue);
  subscriptionRoutes(api, admin.subscriptions);
  suspensionRoutes(api, admin.suspensions);
  lifecycleRoutes(api, admin.lifecycle);
  erasureRoutes(api, admin.erasures);
  api.post('/subscriptions/:named/credentials/reissue', async (req, res) => {
    res.json(await admin.reissueCredentials(await admin.subscriptions.find(req.params.named)));
  });
  api.post('/subscriptions/:named/credentials/revoke', async (req, res) => {
    res.json(await admin.revokeCredentials(await admin.subscriptions.find(req.params.named)));
  });
  api.post('/secrets/reseal', async (_req, res) => {
    res.json(await admin.resealSecrets());
  });
  api.use(operatorProblems);
  router.use('/api/v1/admin', api);
  return router;
}

/** Every key is compared in constant time, and all of them, so that the answer's time tells nothing. */
function authorize(apiKeys: readonly string[]): RequestHandler {
  return (req, _res, next) => {
    const given = /^Bearer (\S+)$/i.exec(req.get('authorization') ?? '')?.[1] ?? '';
    const matches = apiKeys.filter((key) => equalSecret(key, given)).length;
    next(
      matches > 0
        ? undefined
        : requestError(
            'unauthorized',
            'An operator key is needed.',
            'Send "Authorization: Bearer <one of CONNECTOR_API_KEYS>".',
          ),
    );
  };
}

const STATUS_OF: Readonly<Record<ErrorKind, number>> = {
  retryable: 503,
  permanent: 502,
  absent: 404,
  conflict: 409,
  bug: 500,
};

/** Operators read the whole error, message and advice; customers never reach this router. */
const operatorProblems: ErrorRequestHandler = (thrown, _req, res, next) => {
  const error = asConnectorError(thrown);
  if (error.system === undefined && (error.kind === 'permanent' || error.kind === 'bug')) return next(thrown);
  sendProblem(res, {
    status: STATUS_OF[error.kind],
    code: error.code,
    title: error.message,
    detail: error.message,
    ...(error.advice !== undefined && { advice: error.advice }),
  });
};

function runFilter(query: Record<string, unknown>): { status?: RunStatus; before?: string; limit: number } {
  const status = STATUSES.find((each) => each === query.status);
  if (query.status !== undefined && status === undefined) {
    throw requestError('invalid_request', `status must be one of ${STATUSES.join(', ')}.`);
  }
  const limit = Math.min(Number(query.limit ?? 50), PAGE_LIMIT);
  if (!Number.isInteger(limit) || limit < 1)
    throw requestError('invalid_request', 'limit must be a number from 1.');
  return {
    limit,
    ...(status !== undefined && { status }),
    ...(query.before !== undefined && { before: runId(String(query.before)) }),
  };
}

function runId(text: string): string {
  if (UUID.test(text)) return text;
  throw requestError('invalid_request', 'A run id looks like 0198c2f4-….', 'List runs with "cli runs list".');
}

function customerId(text: string): string {
  if (/^cus_\w{1,100}$/.test(text)) return text;
  throw requestError('invalid_request', 'A customer id looks like cus_….');
}

/** Organisations have no name but their number. */
function rowId(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw requestError('invalid_request', 'Give its number, as "cli customers list" has it.');
}
