/** Add-ons: what there is, what a subscription has, buying and removing. */
import { subscriptionsOf } from '../../billing/account/subscriptions.ts';
import type { Catalogue } from '../../billing/catalogue.ts';
import { addOnNotFound } from '../../billing/commands/addon-errors.ts';
import type { OwnedAddOn } from '../../billing/commands/addon-gateway.ts';
import {
  type AddOnQuote,
  type AddOnRequest,
  purchaseAddOn,
  quoteAddOn,
  removeAddOn,
} from '../../billing/commands/addons.ts';
import { hasEnded } from '../../billing/has-ended.ts';
import { inCurrency } from '../../billing/in-currency.ts';
import { findAddOn } from '../../billing/plans.ts';
import { pricesBody } from './bodies.ts';
import { chosenAlive } from './live.ts';
import { CHOICE } from './read-routes.ts';
import { type BillingDeps, type BillingRoute, bodyOf, type Call } from './route.ts';
import { INPUT, listOf, record, refTo } from './schemas.ts';

const SUBSCRIPTION = { subscription: INPUT.subscription };
const WISH = {
  ...SUBSCRIPTION,
  addon_key: INPUT.addon_key,
  quantity: { type: 'integer', minimum: 1, maximum: 1000, 'x-code': 'quantity' },
  domain: INPUT.domain,
};
const REFUSALS = [
  ...CHOICE,
  'addon_not_found',
  'addon_not_compatible',
  'addon_owned',
  'addon_without_price',
  'domain_required',
  'domain_not_registered',
  'domain_not_delegated',
  'subscription_not_changeable',
  'not_our_plan',
] as const;

export const addOnRoutes: readonly BillingRoute[] = [
  {
    method: 'get',
    path: '/addons',
    operationId: 'listAddOns',
    summary: 'Add-ons on sale, and whether they go with the plan',
    query: SUBSCRIPTION,
    answers: {
      200: { description: 'In the catalogue’s order', schema: record({ data: listOf(refTo('AddOn')) }) },
    },
    problems: CHOICE,
    async handle(deps, call) {
      const { planKey, currency: paid } = await chosenAlive(deps, call);
      const { addOns, currency } = inCurrency(deps.catalogue, paid);
      const data = addOns.map((addOn) => ({
        addon_key: addOn.key,
        name: addOn.name,
        description: addOn.description,
        currency,
        prices: pricesBody(addOn.prices),
        one_time_amount: addOn.oneTimeAmount,
        domain_required: addOn.domain !== null,
        repeatable: addOn.repeatable,
        compatible: planKey !== null && (addOn.plans === null || addOn.plans.includes(planKey)),
      }));
      return { status: 200, body: { data } };
    },
  },
  {
    method: 'get',
    path: '/my-addons',
    operationId: 'listMyAddOns',
    summary: 'The add-ons of a subscription',
    query: SUBSCRIPTION,
    answers: {
      200: { description: 'As they are now', schema: record({ data: listOf(refTo('OwnedAddOn')) }) },
    },
    problems: CHOICE,
    async handle(deps, call) {
      const { providerId } = await chosenAlive(deps, call);
      const owned = await ownedAddOns(deps, call.organisation.customerId, providerId);
      return { status: 200, body: { data: owned.map((each) => ownedBody(deps.catalogue, each)) } };
    },
  },
  {
    method: 'post',
    path: '/addons/preview',
    operationId: 'previewAddOn',
    summary: 'What an add-on would cost now; changes nothing',
    body: bodyOf(WISH, ['addon_key']),
    answers: { 200: { description: 'Buy it with its as_of for exactly that', schema: refTo('AddOnQuote') } },
    problems: REFUSALS,
    async handle(deps, call) {
      const quote = await quoteAddOn(deps.commands, await wishOf(deps, call));
      return { status: 200, body: quoteBody(quote) };
    },
  },
  {
    method: 'post',
    path: '/addons/purchase',
    operationId: 'purchaseAddOn',
    summary: 'Buy an add-on: a recurring one is charged at once for the rest of the period',
    body: bodyOf(
      {
        ...WISH,
        as_of: {
          ...INPUT.moment,
          description: 'Of its preview, half an hour old at most; left out: whatever it costs now.',
        },
      },
      ['addon_key'],
    ),
    answers: { 201: { description: 'The add-on', schema: refTo('OwnedAddOn') } },
    problems: [...REFUSALS, 'preview_out_of_date', 'payment_refused'],
    async handle(deps, call) {
      const { as_of } = call.body as { as_of?: string };
      const bought = await purchaseAddOn(deps.commands, {
        ...(await wishOf(deps, call)),
        requestId: call.requestId,
        ...(as_of !== undefined && { asOf: new Date(as_of) }),
      });
      return { status: 201, body: ownedBody(deps.catalogue, bought) };
    },
  },
  {
    method: 'delete',
    path: '/addons/{id}',
    operationId: 'removeAddOn',
    summary: 'Remove a recurring add-on; what is left of the period is credited on the next invoice',
    params: { id: INPUT.addon_id },
    answers: { 204: { description: 'It is removed', schema: null } },
    problems: ['addon_not_found', 'addon_not_removable', 'subscription_not_changeable'],
    async handle(deps, call) {
      await removeAddOn(deps.commands, { subscriptionId: await ownerOf(deps, call), id: call.params.id! });
      return { status: 204, body: null };
    },
  },
];

export function ownedAddOns(
  { commands }: Pick<BillingDeps, 'commands'>,
  customerId: string | null,
  subscriptionId: string,
): Promise<readonly OwnedAddOn[]> {
  return customerId === null ? Promise.resolve([]) : commands.addOns.list({ customerId, subscriptionId });
}

/** Which of the organisation's own subscriptions has it. @throws ConnectorError absent `addon_not_found` */
async function ownerOf(deps: BillingDeps, { organisation, params }: Call): Promise<number> {
  const rows = await subscriptionsOf(deps.commands.db, organisation.id);
  for (const row of rows.filter((each) => !hasEnded(each))) {
    const owned = await ownedAddOns(deps, organisation.customerId, row.providerId);
    if (owned.some(({ id }) => id === params.id)) return row.id;
  }
  throw addOnNotFound(params.id!);
}

async function wishOf(deps: BillingDeps, call: Call): Promise<AddOnRequest> {
  const row = await chosenAlive(deps, call);
  const { addon_key, quantity, domain } = call.body as {
    addon_key: string;
    quantity?: number;
    domain?: string;
  };
  return {
    subscriptionId: row.id,
    addOnKey: addon_key,
    ...(quantity !== undefined && { quantity }),
    ...(domain !== undefined && { domain }),
  };
}

const quoteBody = (quote: AddOnQuote): object => ({
  addon_key: quote.addOn.key,
  name: quote.addOn.name,
  sold: quote.sold,
  quantity: quote.quantity,
  domain: quote.domain,
  currency: quote.currency,
  unit_amount: quote.unitAmount,
  interval: quote.interval,
  amount_due: quote.invoice?.amountDue ?? 0,
  tax: (quote.invoice?.taxes ?? []).reduce((sum, { amount }) => sum + amount, 0),
  as_of: quote.asOf.toISOString(),
});

function ownedBody(catalogue: Catalogue, owned: OwnedAddOn): object {
  return {
    id: owned.id,
    addon_key: owned.addOnKey,
    name: findAddOn(catalogue, owned.addOnKey)?.name ?? owned.addOnKey,
    sold: owned.sold,
    quantity: owned.quantity,
    currency: owned.currency,
    unit_amount: owned.unitAmount,
    interval: owned.interval,
    domain: owned.domain,
  };
}
