/** `cli subscriptions list|create|cancel|reactivate|pause|resume|trial|keep-plan`; a subscription is named by our number or by Stripe's id. */
import { parseArgs } from 'node:util';
import type { LiveSubscription } from '../../connector/billing/commands/subscription-gateway.ts';
import type { ListedSubscription } from '../../connector/billing/list-subscriptions.ts';
import { formatMoney } from '../../connector/stripe-money.ts';
import { adminClient } from './admin-client.ts';
import { argument } from './argument.ts';
import { table } from './table.ts';

type Argv = readonly string[];
const text = { type: 'string' } as const;
const json = { type: 'boolean', default: false } as const;
const day = (at: Date | string | null): string => (at === null ? '' : String(at).slice(0, 10));

export async function subscriptionsList(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { customer: text, status: text, before: text, limit: { ...text, default: '50' }, json },
  });
  const { json: asJson, ...filter } = values;
  const query = new URLSearchParams(Object.entries(filter));
  const { subscriptions } = await adminClient(env).request<{ subscriptions: ListedSubscription[] }>(
    'GET',
    `/subscriptions?${query}`,
  );
  if (asJson) console.log(JSON.stringify(subscriptions));
  else {
    const head = [
      'no',
      'subscription',
      'customer',
      'organisation',
      'plan',
      'amount',
      'status',
      'period ends',
    ];
    const rows = subscriptions.map((each) => [
      String(each.id),
      each.providerId,
      each.customerId,
      each.organisation ?? '',
      each.planKey ?? '',
      `${formatMoney(each.recurringAmount, each.currency, { locale: 'en', display: 'code' })}/${each.billingInterval}`,
      each.cancelAt === null ? each.status : `${each.status}, ends ${day(each.cancelAt)}`,
      day(each.currentPeriodEnd),
    ]);
    console.log(table(head, rows));
  }
  return 0;
}

export async function subscriptionsCreate(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      customer: text,
      price: text,
      plan: text,
      interval: text,
      quantity: text,
      'trial-days': text,
      project: text,
      'no-setup': { type: 'boolean', default: false },
      json,
    },
  });
  const { customer, price, plan, interval } = values;
  const subscription = await post(env, '/subscriptions', {
    customer,
    price,
    plan,
    interval,
    quantity: number(values.quantity),
    trial_days: number(values['trial-days']),
    project: number(values.project),
    ...(values['no-setup'] && { setup: false }),
  });
  return say(values.json, subscription, `is ${subscription.status} for ${subscription.customerId}.`);
}

export async function subscriptionsCancel(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { now: { type: 'boolean', default: false }, feedback: text, comment: text, json },
    allowPositionals: true,
  });
  const subscription = await post(env, `${named(positionals)}/cancel`, {
    when: values.now ? 'now' : 'period_end',
    feedback: values.feedback,
    comment: values.comment,
  });
  const when = values.now
    ? 'has ended.'
    : `ends on ${day(subscription.cancelAt)}; until then it can be reactivated.`;
  return say(values.json, subscription, when);
}

export const subscriptionsReactivate = (argv: Argv, env: NodeJS.ProcessEnv) =>
  act(argv, env, {
    path: 'reactivate',
    sentence: ({ currentPeriodEnd }) => `goes on; its period ends on ${day(currentPeriodEnd)}.`,
  });

export const subscriptionsPause = (argv: Argv, env: NodeJS.ProcessEnv) =>
  act(argv, env, { path: 'pause', sentence: ({ status }) => `is ${status}; nothing is billed meanwhile.` });

export const subscriptionsResume = (argv: Argv, env: NodeJS.ProcessEnv) =>
  act(argv, env, {
    path: 'resume',
    sentence: ({ status, currentPeriodEnd }) =>
      status === 'paused'
        ? 'stays paused until its payment succeeds.'
        : `is ${status}; its period ends on ${day(currentPeriodEnd)}.`,
  });

/** Drops a change that was to come at the end of the period. */
export const subscriptionsKeepPlan = (argv: Argv, env: NodeJS.ProcessEnv) =>
  act(argv, env, { path: 'revoke-change', sentence: () => 'keeps its plan.' });

/** `--end now` or a day: prolongs a trial or ends it. */
export async function subscriptionsTrial(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { end: text, json },
    allowPositionals: true,
  });
  const subscription = await post(env, `${named(positionals)}/trial-end`, { end: values.end });
  return say(
    values.json,
    subscription,
    subscription.status === 'trialing'
      ? `is on trial until ${day(subscription.trialEnd)}.`
      : `is ${subscription.status}; its period ends on ${day(subscription.currentPeriodEnd)}.`,
  );
}

async function act(
  argv: Argv,
  env: NodeJS.ProcessEnv,
  { path, sentence }: { path: string; sentence: (subscription: LiveSubscription) => string },
): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...argv], options: { json }, allowPositionals: true });
  const subscription = await post(env, `${named(positionals)}/${path}`);
  return say(values.json, subscription, sentence(subscription));
}

const named = (positionals: readonly string[]): string =>
  `/subscriptions/${encodeURIComponent(argument(positionals, 'a subscription: its number or sub_…'))}`;

async function post(env: NodeJS.ProcessEnv, path: string, body: object = {}): Promise<LiveSubscription> {
  const answer = await adminClient(env).request<{ subscription: LiveSubscription }>('POST', path, body);
  return answer.subscription;
}

function say(asJson: boolean, subscription: LiveSubscription, sentence: string): number {
  console.log(asJson ? JSON.stringify(subscription) : `${subscription.providerId} ${sentence}`);
  return 0;
}

const number = (given: string | undefined): number | undefined =>
  given === undefined ? undefined : Number(given);
