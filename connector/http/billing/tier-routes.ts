/** Changing the tier, the interval or the number of users: looked at first, then confirmed to the cent. */
import { confirmChange } from '../../billing/commands/confirm-change.ts';
import { type ChangePreview, previewChange } from '../../billing/commands/preview-change.ts';
import { revokeChange } from '../../billing/commands/revoke-scheduled.ts';
import { subscriptionBody } from './bodies.ts';
import { changeRequest } from './change-request.ts';
import { changing, chosenAlive } from './live.ts';
import { CHOICE } from './read-routes.ts';
import { type BillingDeps, type BillingRoute, bodyOf, type Call } from './route.ts';
import { INPUT, record, refTo } from './schemas.ts';

const WANTED = {
  subscription: INPUT.subscription,
  plan_key: INPUT.plan_key,
  interval: INPUT.interval,
  quantity: INPUT.quantity,
};
const PLANNING = [
  ...CHOICE,
  'tier_not_found',
  'no_price_for_tier',
  'not_our_plan',
  'nothing_to_change',
  'subscription_not_changeable',
  'addon_not_compatible',
  'addon_without_price',
] as const;
const CONFIRMED = {
  200: {
    description: 'In effect, arranged for the end of the period, or waiting for its payment at pay_url',
    schema: record({
      outcome: { enum: ['changed', 'scheduled', 'payment_pending'] },
      pay_url: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      subscription: refTo('Subscription'),
    }),
  },
};

export const tierRoutes: readonly BillingRoute[] = [
  {
    method: 'post',
    path: '/change-tier/preview',
    operationId: 'previewTierChange',
    summary: 'What a change would cost and when it would come; changes nothing',
    body: bodyOf(WANTED),
    answers: { 200: { description: 'Confirm it with its token', schema: refTo('ChangePreview') } },
    problems: PLANNING,
    async handle(deps, call) {
      const row = await chosenAlive(deps, call);
      const preview = await previewChange(deps.commands, changeRequest(row.id, call.body));
      return { status: 200, body: previewBody(preview) };
    },
  },
  {
    method: 'post',
    path: '/change-tier',
    operationId: 'changeTier',
    summary: 'Carry out what was previewed: for exactly that amount, or not at all',
    body: bodyOf(
      {
        subscription: INPUT.subscription,
        token: { type: 'string', minLength: 10, maxLength: 4000, 'x-code': 'token' },
      },
      ['token'],
    ),
    answers: CONFIRMED,
    problems: [...CHOICE, 'preview_out_of_date', 'subscription_not_changeable', 'payment_refused'],
    handle: (deps, call) => confirm(deps, call, String(call.body.token)),
  },
  {
    method: 'post',
    path: '/change-tier/revoke',
    operationId: 'revokeTierChange',
    summary: 'Drop a change that was to come at the end of the period',
    body: bodyOf({ subscription: INPUT.subscription }),
    answers: { 200: { description: 'The subscription as it is now', schema: refTo('Subscription') } },
    problems: [...CHOICE, 'nothing_scheduled'],
    handle: changing((commands, subscriptionId) => revokeChange(commands, { subscriptionId })),
  },
  {
    method: 'patch',
    path: '/subscription',
    operationId: 'changeSubscription',
    summary: 'Change tier, interval or number of users without looking at the costs first',
    body: bodyOf(WANTED),
    answers: CONFIRMED,
    problems: [...PLANNING, 'preview_out_of_date', 'payment_refused'],
    async handle(deps, call) {
      const row = await chosenAlive(deps, call);
      const { token } = await previewChange(deps.commands, changeRequest(row.id, call.body));
      return confirm(deps, call, token);
    },
  },
];

async function confirm(deps: BillingDeps, call: Call, token: string) {
  const row = await chosenAlive(deps, call);
  const done = await confirmChange(deps.commands, { subscriptionId: row.id, token });
  return {
    status: 200,
    body: {
      outcome: done.outcome,
      pay_url: done.payUrl,
      subscription: subscriptionBody(deps.catalogue, row, done.subscription),
    },
  };
}

const planBody = ({ planKey, interval, quantity }: ChangePreview['from']) => ({
  plan_key: planKey,
  interval,
  quantity,
});

function previewBody(preview: ChangePreview): object {
  const { invoice } = preview;
  return {
    from: planBody(preview.from),
    to: planBody(preview.to),
    when: preview.when,
    effective_at: preview.effectiveAt.toISOString(),
    currency: invoice.currency,
    lines: invoice.lines.map((line) => ({
      description: line.description,
      amount: line.amount,
      proration: line.proration,
      period_start: line.from.toISOString(),
      period_end: line.to.toISOString(),
    })),
    subtotal: invoice.subtotal,
    taxes: invoice.taxes.map(({ amount, inclusive }) => ({ amount, inclusive })),
    discount: invoice.discount,
    total: invoice.total,
    amount_due: invoice.amountDue,
    recurring_amount: preview.recurringAmount,
    over_limits: preview.overLimits.map(({ what, limit, used }) => ({
      what: what === 'storageGb' ? 'storage_gb' : what,
      limit,
      used,
    })),
    token: preview.token,
    expires_at: preview.expiresAt.toISOString(),
  };
}
