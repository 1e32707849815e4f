/** POST, PATCH and DELETE: what changes a subscription. Each is a command that the CLI and the ERP's buttons call too. */
import { customerOf } from '../../billing/account/organisation.ts';
import type { BillingInterval } from '../../billing/catalogue.ts';
import { type Cancel, cancel } from '../../billing/commands/cancel.ts';
import { createSubscription } from '../../billing/commands/create.ts';
import { pause, resume } from '../../billing/commands/pause.ts';
import { dropDiscounts, redeemPromotionCode } from '../../billing/commands/promotion-code.ts';
import { reactivate } from '../../billing/commands/reactivate.ts';
import { CANCEL_FEEDBACK } from '../../billing/commands/subscription-gateway.ts';
import { subscriptionBody } from './bodies.ts';
import { changed, changing, chosenAlive, rowOfMade } from './live.ts';
import { CHOICE } from './read-routes.ts';
import { type BillingRoute, bodyOf } from './route.ts';
import { INPUT, record, refTo } from './schemas.ts';

const SUBSCRIPTION = refTo('Subscription');
const TEXT = { type: 'string' };
const NOW = { 200: { description: 'The subscription as it is now', schema: SUBSCRIPTION } };
const REASON = {
  feedback: { enum: CANCEL_FEEDBACK, 'x-code': 'feedback' },
  comment: INPUT.text(1000),
};

interface Reason {
  readonly when?: Cancel['when'];
  readonly feedback?: (typeof CANCEL_FEEDBACK)[number];
  readonly comment?: string;
}

const reasonOf = ({ feedback, comment }: Reason) => ({
  reason: { ...(feedback !== undefined && { feedback }), ...(comment !== undefined && { comment }) },
});

export const changeRoutes: readonly BillingRoute[] = [
  {
    method: 'post',
    path: '/subscription',
    operationId: 'createSubscription',
    summary: 'One more subscription, charged to the means of payment on file',
    body: bodyOf(
      {
        plan_key: INPUT.plan_key,
        interval: INPUT.interval,
        quantity: INPUT.quantity,
        promotion_code: INPUT.promotion_code,
        project: {
          ...INPUT.id,
          description: 'A project of yours that it is for; without one staff set it up.',
        },
      },
      ['plan_key', 'interval'],
    ),
    answers: {
      201: { description: 'The new subscription', schema: SUBSCRIPTION },
      202: {
        description: 'It is made; GET subscription shows it in a moment',
        schema: record({ provider: TEXT, provider_id: TEXT, status: TEXT }),
      },
    },
    problems: [
      'tier_not_found',
      'no_price_for_tier',
      'project_not_found',
      'no_billing_customer',
      'no_payment_method',
      'promotion_code_invalid',
      'payment_refused',
    ],
    async handle(deps, { organisation, body, requestId }) {
      const { plan_key, interval, quantity, promotion_code, project } = body as {
        plan_key: string;
        interval: BillingInterval;
        quantity?: number;
        promotion_code?: string;
        project?: string;
      };
      const live = await createSubscription(deps.commands, {
        customerId: customerOf(organisation),
        wanted: { planKey: plan_key, interval },
        ...(quantity !== undefined && { quantity }),
        ...(promotion_code !== undefined && { promotionCode: promotion_code }),
        ...(project !== undefined && { projectId: Number(project) }),
        requestId,
      });
      const row = await rowOfMade(deps, organisation.id, live.providerId);
      if (row !== undefined) return { status: 201, body: subscriptionBody(deps.catalogue, row, live) };
      return { status: 202, body: { provider: 'stripe', provider_id: live.providerId, status: live.status } };
    },
  },
  {
    method: 'post',
    path: '/cancel',
    operationId: 'cancelSubscription',
    summary: 'End a subscription, at the end of what is paid or now',
    body: bodyOf({
      subscription: INPUT.subscription,
      when: { enum: ['period_end', 'now'], 'x-code': 'when', description: 'Default period_end.' },
      ...REASON,
    }),
    answers: NOW,
    problems: CHOICE,
    async handle(deps, call) {
      const row = await chosenAlive(deps, call);
      const { when = 'period_end', ...reason } = call.body as Reason;
      const live = await cancel(deps.commands, { subscriptionId: row.id, when, ...reasonOf(reason) });
      return changed(deps, row, live);
    },
  },
  {
    method: 'post',
    path: '/reactivate',
    operationId: 'reactivateSubscription',
    summary: 'Take back a cancellation before it happens',
    body: bodyOf({ subscription: INPUT.subscription }),
    answers: NOW,
    problems: [...CHOICE, 'subscription_not_cancelled'],
    handle: changing((commands, subscriptionId) => reactivate(commands, { subscriptionId })),
  },
  {
    method: 'post',
    path: '/pause',
    operationId: 'pauseSubscription',
    summary: 'No invoices and no new periods until it is resumed',
    body: bodyOf({ subscription: INPUT.subscription }),
    answers: NOW,
    problems: [...CHOICE, 'subscription_not_changeable'],
    handle: changing((commands, subscriptionId) => pause(commands, { subscriptionId })),
  },
  {
    method: 'post',
    path: '/resume',
    operationId: 'resumeSubscription',
    summary: 'Take a paused subscription up again: a new period begins and is charged',
    body: bodyOf({ subscription: INPUT.subscription }),
    answers: NOW,
    problems: [...CHOICE, 'subscription_not_paused', 'payment_refused'],
    handle: changing((commands, subscriptionId) => resume(commands, { subscriptionId })),
  },
  {
    method: 'post',
    path: '/promotion-code',
    operationId: 'redeemPromotionCode',
    summary: 'Use a promotion code: it lowers what is billed from the next invoice on',
    body: bodyOf({ subscription: INPUT.subscription, code: INPUT.promotion_code }, ['code']),
    answers: NOW,
    problems: [...CHOICE, 'promotion_code_invalid'],
    async handle(deps, call) {
      const row = await chosenAlive(deps, call);
      const code = String(call.body.code);
      return changed(deps, row, await redeemPromotionCode(deps.commands, { subscriptionId: row.id, code }));
    },
  },
  {
    method: 'delete',
    path: '/promotion-code',
    operationId: 'dropDiscounts',
    summary: 'Do without the discounts of a subscription',
    query: { subscription: INPUT.subscription },
    answers: NOW,
    problems: CHOICE,
    handle: changing((commands, subscriptionId) => dropDiscounts(commands, { subscriptionId })),
  },
  {
    method: 'delete',
    path: '/subscription',
    operationId: 'endSubscription',
    summary: 'End a subscription now',
    query: { subscription: INPUT.subscription },
    answers: NOW,
    problems: CHOICE,
    handle: changing((commands, subscriptionId) => cancel(commands, { subscriptionId, when: 'now' })),
  },
];
