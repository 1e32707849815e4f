/** /api/v1/admin: customers, invoices and events as we hold them; events put back to work. */
import { type Router, raw } from 'express';
import type { CustomerDetails, ListedCustomer, ListedInvoice } from '../billing/customers.ts';
import type { EventFilter, ListedEvent, Replay, ShownEvent } from '../inbox/read-events.ts';
import { jsonBody } from './json-body.ts';
import { requestError } from './problem.ts';

export interface ExplainedLine {
  readonly at: Date;
  /** `event`: Stripe told us · `decision`: what we made of it · `run`, `step`, `erp`, `mail`: what we did. */
  readonly kind: 'event' | 'decision' | 'run' | 'step' | 'erp' | 'mail';
  /** Its id or key: evt_…, a run's id, an external id. */
  readonly subject: string;
  readonly text: string;
}

export interface Explanation {
  readonly customer: string;
  readonly name: string | null;
  /** Oldest first; the newest `limit` of each kind. */
  readonly lines: readonly ExplainedLine[];
}

export interface RecordsAdmin {
  listCustomers(filter: {
    search?: string;
    parked?: boolean;
    after?: string;
    limit: number;
  }): Promise<readonly ListedCustomer[]>;
  /** undefined: we hold no such customer. */
  showCustomer(named: string): Promise<CustomerDetails | undefined>;
  explainCustomer(named: string): Promise<Explanation | undefined>;
  listInvoices(filter: {
    customerId?: string;
    status?: string;
    before?: string;
    limit: number;
  }): Promise<readonly ListedInvoice[]>;
  listEvents(filter: EventFilter): Promise<readonly ListedEvent[]>;
  showEvent(id: string): Promise<ShownEvent | undefined>;
  /** @throws ConnectorError absent `event_not_found`, conflict `event_has_no_work` */
  replayEvents(what: Replay): Promise<{ events: number; customers: number }>;
}

type Fields = Readonly<Record<string, unknown>>;

const LIMIT = 200;
const STATES = ['open', 'done', 'ignored', 'parked'] as const;
const CUSTOMER = /^cus_\w{1,100}$/;
const EVENT = /^evt_\w{1,100}$/;

export function recordsRoutes(api: Router, admin: RecordsAdmin): void {
  api.get('/customers', async ({ query }, res) => {
    const customers = await admin.listCustomers({
      limit: limitOf(query),
      parked: query.parked === 'true',
      ...optional(query, 'search', /^[^\0]{1,100}$/),
      ...optional(query, 'after', CUSTOMER),
    });
    res.json({ customers });
  });
  api.get('/customers/:named', async (req, res) => {
    res.json(found(await admin.showCustomer(customerName(req.params.named))));
  });
  api.get('/customers/:named/explain', async (req, res) => {
    res.json(found(await admin.explainCustomer(customerName(req.params.named))));
  });
  api.get('/invoices', async ({ query }, res) => {
    const { customer } = optional(query, 'customer', CUSTOMER);
    const invoices = await admin.listInvoices({
      limit: limitOf(query),
      ...optional(query, 'status', /^\w{1,40}$/),
      ...optional(query, 'before', /^in_\w{1,100}$/),
      ...(customer !== undefined && { customerId: customer }),
    });
    res.json({ invoices });
  });
  api.get('/events', async ({ query }, res) => {
    res.json({ events: await admin.listEvents(eventFilter(query)) });
  });
  api.get('/events/:id', async (req, res) => {
    const event = await admin.showEvent(matching('id', req.params.id, EVENT));
    if (event === undefined)
      throw requestError(
        'not_found',
        'There is no such event here.',
        'Fetch what Stripe still has (30 days) with "cli backfill --since <date>".',
      );
    res.json(event);
  });
  api.post('/events/replay', raw({ type: () => true, limit: '4kb' }), async (req, res) => {
    res.status(202).json(await admin.replayEvents(replayOf(jsonBody(req))));
  });
}

function eventFilter(query: Fields): EventFilter {
  const state = STATES.find((each) => each === query.state);
  if (query.state !== undefined && state === undefined)
    throw requestError('invalid_request', `state must be one of ${STATES.join(', ')}.`);
  const { customer } = optional(query, 'customer', CUSTOMER);
  const { before } = optional(query, 'before', /^[1-9]\d{0,14}$/);
  return {
    limit: limitOf(query),
    failed: query.failed === 'true',
    ...optional(query, 'type', /^[a-z0-9_.]{1,100}$/),
    ...(state !== undefined && { state }),
    ...(customer !== undefined && { customerId: customer }),
    ...(query.since !== undefined && { since: dateOf('since', query.since) }),
    ...(before !== undefined && { before: Number(before) }),
  };
}

function replayOf(body: unknown): Replay {
  const { id, failed, since } = (typeof body === 'object' && body !== null ? body : {}) as Fields;
  if (id !== undefined) return { id: matching('id', id, EVENT) };
  if (failed === true) return { failed: true };
  if (since !== undefined) return { since: dateOf('since', since) };
  throw requestError('invalid_request', 'Say which: an event’s id, "failed": true, or "since" a date.');
}

/** A date or a moment in UTC, as ISO 8601. */
export function dateOf(name: string, value: unknown): Date {
  const at = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) ? new Date(value) : null;
  if (at !== null && !Number.isNaN(at.getTime())) return at;
  throw requestError('invalid_request', `${name} must be a date such as 2026-11-01 or 2026-11-01T10:00:00Z.`);
}

function customerName(text: string): string {
  if (CUSTOMER.test(text) || /^[1-9]\d{0,14}$/.test(text)) return text;
  throw requestError('invalid_request', 'Name a customer by cus_… or by the number of its organisation.');
}

function found<T>(record: T | undefined): T {
  if (record !== undefined) return record;
  throw requestError(
    'not_found',
    'We hold no such customer.',
    'List them with "cli customers list"; read one of Stripe’s anew with "cli sync cus_…".',
  );
}

function limitOf(query: Fields): number {
  const limit = Number(query.limit ?? 50);
  if (Number.isInteger(limit) && limit >= 1) return Math.min(limit, LIMIT);
  throw requestError('invalid_request', 'limit must be a whole number from 1.');
}

function matching(name: string, value: unknown, pattern: RegExp): string {
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw requestError('invalid_request', `${name} does not look like one.`);
}

function optional<K extends string>(query: Fields, name: K, pattern: RegExp): { [key in K]?: string } {
  const value = query[name];
  if (value === undefined) return {};
  return { [name]: matching(name, value, pattern) } as { [key in K]?: string };
}
