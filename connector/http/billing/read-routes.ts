/** GET: what an organisation has, owes and could have. */
import { invoicesOf } from '../../billing/account/invoices.ts';
import { currencyOfOrganisation } from '../../billing/account/organisation.ts';
import { chooseSubscription, subscriptionsOf } from '../../billing/account/subscriptions.ts';
import { invalidRequest } from '../../billing/checkout-errors.ts';
import { inCurrency } from '../../billing/in-currency.ts';
import { invoiceBody, subscriptionBody, tierBody, upcomingBody } from './bodies.ts';
import { chosen, chosenAlive, readLive } from './live.ts';
import type { BillingRoute } from './route.ts';
import { INPUT, listOf, record, refTo } from './schemas.ts';

const SUBSCRIPTION = { subscription: INPUT.subscription };
export const CHOICE = ['subscription_not_found', 'subscription_ambiguous', 'no_active_subscription'] as const;
const PAGE_LIMIT = '20';

export const readRoutes: readonly BillingRoute[] = [
  {
    method: 'get',
    path: '/summary',
    operationId: 'getSummary',
    summary: 'Every subscription, and what is due',
    answers: {
      200: { description: 'As we were told last by the payment provider', schema: refTo('Summary') },
    },
    problems: [],
    async handle({ commands: { db }, catalogue }, { organisation }) {
      const [subscriptions, due] = [
        await subscriptionsOf(db, organisation.id),
        await db.query<{ currency: string; amount: number }>(
          `select i.currency, sum(i.amount_due - i.amount_paid)::bigint as amount
             from invoices i join customers c on c.id = i.customer_id
            where c.organisation_id = $1 and i.status = 'open' group by i.currency order by i.currency`,
          [organisation.id],
        ),
      ];
      return {
        status: 200,
        body: {
          organisation: { name: organisation.name, country: organisation.country },
          subscriptions: subscriptions.map((row) => subscriptionBody(catalogue, row, undefined)),
          amounts_due: due.rows,
        },
      };
    },
  },
  {
    method: 'get',
    path: '/subscription',
    operationId: 'getSubscription',
    summary: 'One subscription as it is now',
    query: SUBSCRIPTION,
    answers: { 200: { description: 'The subscription', schema: refTo('Subscription') } },
    problems: CHOICE,
    async handle(deps, call) {
      const row = await chosen(deps, call);
      return { status: 200, body: subscriptionBody(deps.catalogue, row, await readLive(deps, row)) };
    },
  },
  {
    method: 'get',
    path: '/tiers',
    operationId: 'listTiers',
    summary: 'What is sold, in the currency the organisation pays in',
    answers: {
      200: { description: 'In the catalogue’s order', schema: record({ data: listOf(refTo('Tier')) }) },
    },
    problems: [],
    async handle({ commands: { db }, catalogue: own }, { organisation }) {
      const paid = await currencyOfOrganisation(db, organisation.id);
      const catalogue = inCurrency(own, paid ?? own.currency);
      return { status: 200, body: { data: catalogue.plans.map((plan) => tierBody(catalogue, plan)) } };
    },
  },
  {
    method: 'get',
    path: '/invoices',
    operationId: 'listInvoices',
    summary: 'Invoices, newest first',
    query: {
      subscription: { ...INPUT.id, description: 'Of this one only.' },
      cursor: INPUT.cursor,
      limit: INPUT.limit,
    },
    answers: {
      200: {
        description: 'One page',
        schema: record({
          data: listOf(refTo('Invoice')),
          next_cursor: {
            anyOf: [{ type: 'string' }, { type: 'null' }],
            description: 'Send it as cursor for the next page; null: this was the last.',
          },
        }),
      },
    },
    problems: ['subscription_not_found'],
    async handle({ commands: { db } }, { organisation, query }) {
      const { subscription, cursor } = query;
      const named =
        subscription === undefined ? undefined : await chooseSubscription(db, organisation.id, subscription);
      const limit = Number(query.limit ?? PAGE_LIMIT);
      const page = await invoicesOf(db, organisation.id, { limit, cursor, subscriptionId: named?.id });
      if (page === undefined) throw invalidRequest([{ pointer: '/cursor', code: 'cursor' }]);
      return { status: 200, body: { data: page.invoices.map(invoiceBody), next_cursor: page.nextCursor } };
    },
  },
  {
    method: 'get',
    path: '/upcoming-invoice',
    operationId: 'getUpcomingInvoice',
    summary: 'What will be billed next',
    query: SUBSCRIPTION,
    answers: {
      200: {
        description: 'The invoice, or null when nothing more will be billed',
        schema: record({ invoice: { anyOf: [refTo('UpcomingInvoice'), { type: 'null' }] } }),
      },
    },
    problems: CHOICE,
    async handle(deps, call) {
      const row = await chosenAlive(deps, call);
      const live = await readLive(deps, row);
      // Nothing is billed until it is resumed.
      if ((live ?? row).status === 'paused') return { status: 200, body: { invoice: null } };
      const invoice = await deps.account.upcomingInvoice({
        subscriptionId: row.providerId,
        scheduleId: live?.scheduled?.scheduleId ?? null,
      });
      return { status: 200, body: { invoice: invoice && upcomingBody(invoice) } };
    },
  },
];
