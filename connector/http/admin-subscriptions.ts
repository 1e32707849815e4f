/** /api/v1/admin/subscriptions: what operators do to subscriptions, each named by our number or Stripe's id. */
import { randomUUID } from 'node:crypto';
import { type Router, raw } from 'express';
import type { Cancel } from '../billing/commands/cancel.ts';
import type { Create } from '../billing/commands/create.ts';
import { CANCEL_FEEDBACK, type LiveSubscription } from '../billing/commands/subscription-gateway.ts';
import type { ListedSubscription, SubscriptionFilter } from '../billing/list-subscriptions.ts';
import { fieldsOf } from './optional-body.ts';
import { requestError } from './problem.ts';

export interface SubscriptionAdmin {
  list(filter: SubscriptionFilter): Promise<readonly ListedSubscription[]>;
  create(input: Create): Promise<LiveSubscription>;
  /** Our number. @throws ConnectorError absent `subscription_not_found` */
  find(named: string): Promise<number>;
  cancel(input: Cancel): Promise<LiveSubscription>;
  reactivate(subscriptionId: number): Promise<LiveSubscription>;
  pause(subscriptionId: number): Promise<LiveSubscription>;
  resume(subscriptionId: number): Promise<LiveSubscription>;
  /** @param end now: the first period is charged at once */
  setTrialEnd(input: { subscriptionId: number; end: Date | 'now' }): Promise<LiveSubscription>;
  /** Drops a change that was to come at the end of the period. */
  revokeChange(subscriptionId: number): Promise<LiveSubscription>;
}

const LIMIT = 200;

export function subscriptionRoutes(api: Router, admin: SubscriptionAdmin): void {
  const body = raw({ type: () => true, limit: '16kb' });
  api.get('/subscriptions', async (req, res) => {
    res.json({ subscriptions: await admin.list(filterOf(req.query)) });
  });
  api.post('/subscriptions', body, async (req, res) => {
    const subscription = await admin.create(newSubscription(fieldsOf(req), req.get('idempotency-key')));
    res.status(201).json({ subscription });
  });
  api.post('/subscriptions/:named/cancel', body, async (req, res) => {
    const fields = fieldsOf(req);
    const subscriptionId = await admin.find(req.params.named!);
    res.json({ subscription: await admin.cancel({ subscriptionId, ...cancellation(fields) }) });
  });
  api.post('/subscriptions/:named/trial-end', body, async (req, res) => {
    const end = trialEnd(fieldsOf(req));
    const subscriptionId = await admin.find(req.params.named!);
    res.json({ subscription: await admin.setTrialEnd({ subscriptionId, end }) });
  });
  const command = (path: string, act: (subscriptionId: number) => Promise<LiveSubscription>) =>
    api.post(`/subscriptions/:named/${path}`, async (req, res) => {
      res.json({ subscription: await act(await admin.find(String(req.params.named))) });
    });
  command('reactivate', (id) => admin.reactivate(id));
  command('pause', (id) => admin.pause(id));
  command('resume', (id) => admin.resume(id));
  command('revoke-change', (id) => admin.revokeChange(id));
}

/** @returns UTC midnight of a day, or the moment given */
function trialEnd({ end }: Fields): Date | 'now' {
  if (end === 'now') return 'now';
  const at = new Date(text('end', end, /^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/));
  if (Number.isNaN(at.getTime())) throw requestError('invalid_request', 'end is no day of the calendar.');
  return at;
}

type Fields = ReturnType<typeof fieldsOf>;

function filterOf(query: Fields): SubscriptionFilter {
  const { customer, status, before, limit = '50' } = query;
  return {
    limit: Math.min(whole('limit', Number(limit)), LIMIT),
    ...(customer !== undefined && { customerId: text('customer', customer, /^cus_\w{1,100}$/) }),
    ...(status !== undefined && { status: text('status', status, /^\w{1,40}$/) }),
    ...(before !== undefined && { before: whole('before', Number(before)) }),
  };
}

function cancellation({ when = 'period_end', feedback, comment }: Fields): Omit<Cancel, 'subscriptionId'> {
  if (when !== 'period_end' && when !== 'now')
    throw requestError('invalid_request', 'when must be period_end or now.');
  const known = CANCEL_FEEDBACK.find((each) => each === feedback);
  if (feedback !== undefined && known === undefined)
    throw requestError('invalid_request', `feedback must be one of ${CANCEL_FEEDBACK.join(', ')}.`);
  return {
    when,
    reason: {
      feedback: known ?? null,
      comment: comment === undefined ? null : text('comment', comment, /^[^\0]{1,500}$/s),
    },
  };
}

function newSubscription(fields: Fields, idempotencyKey: string | undefined): Create {
  const { customer, price, plan, interval = 'month', quantity, trial_days, setup, project } = fields;
  if ((price === undefined) === (plan === undefined))
    throw requestError('invalid_request', 'Name either a price of Stripe (price_…) or a plan.');
  if (interval !== 'month' && interval !== 'year')
    throw requestError('invalid_request', 'interval must be month or year.');
  return {
    customerId: text('customer', customer, /^cus_\w{1,100}$/),
    wanted:
      price === undefined
        ? { planKey: text('plan', plan, /^[a-z][a-z0-9_]{0,39}$/), interval }
        : { priceId: text('price', price, /^(price|plan)_\w{1,100}$/) },
    requestId:
      idempotencyKey === undefined
        ? randomUUID()
        : text('Idempotency-Key', idempotencyKey, /^[\w:.-]{1,100}$/),
    ...(quantity !== undefined && { quantity: whole('quantity', quantity) }),
    ...(trial_days !== undefined && { trialDays: whole('trial_days', trial_days, 0) }),
    ...(setup !== undefined && { setup: setup === true }),
    ...(project !== undefined && { projectId: whole('project', project) }),
  };
}

function text(name: string, value: unknown, pattern: RegExp): string {
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw requestError('invalid_request', `${name} is missing or does not look like one.`);
}

function whole(name: string, value: unknown, least = 1): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  throw requestError('invalid_request', `${name} must be a whole number from ${least}.`);
}
