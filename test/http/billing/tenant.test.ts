/** Nobody reads or changes another organisation's billing: each route of the table is asked, so a new one is asked too. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BillingRoute, fullPath } from '../../../connector/http/billing/route.ts';
import { BILLING_ROUTES } from '../../../connector/http/billing/routes.ts';
import { type BillingScene, startBilling } from './scene.ts';

type Customer = Awaited<ReturnType<BillingScene['customer']>>;

let scene: BillingScene;
let ours: Customer;
let theirs: Customer;

beforeAll(async () => {
  scene = await startBilling();
  ours = await scene.customer();
  theirs = await scene.customer();
});
afterAll(() => scene?.stop());

// What a route must be given besides the subscription, acceptable in itself.
const BODY: Readonly<Record<string, Record<string, unknown>>> = {
  createSubscription: { plan_key: 'starter', interval: 'month' },
  previewTierChange: { plan_key: 'enterprise' },
  changeTier: { token: 'not-a-token-of-anybody' },
  changeSubscription: { plan_key: 'enterprise' },
  changeCustomer: { name: 'Bridges Renamed' },
  redeemPromotionCode: { code: 'FIFTH' },
  reportUsage: { meter_key: 'ai_requests', quantity: 1, identifier: 'one' },
  previewAddOn: { addon_key: 'premium_ssl' },
  purchaseAddOn: { addon_key: 'premium_ssl' },
};

function ask(
  route: BillingRoute,
  input: { token?: string; subscription?: string; more?: Record<string, unknown>; param?: string },
) {
  const inQuery = route.query?.subscription !== undefined;
  const path = fullPath(route).replace(/\{\w+\}/g, input.param ?? (route.params?.feature ? 'storage' : '1'));
  const query = inQuery && input.subscription !== undefined ? `?subscription=${input.subscription}` : '';
  const inBody = route.body?.properties.subscription !== undefined && input.subscription !== undefined;
  const body = route.body && {
    ...BODY[route.operationId],
    ...(inBody && { subscription: input.subscription }),
    ...input.more,
  };
  return scene.call(route.method.toUpperCase(), `${path}${query}`, {
    ...(input.token !== undefined && { token: input.token }),
    ...(body !== undefined && { body }),
  });
}

const stateAtStripe = () =>
  JSON.stringify([scene.world.systems.stripe.subscriptions(), scene.world.systems.stripe.customers()]);

describe.each(BILLING_ROUTES.map((route) => [`${route.method} ${fullPath(route)}`, route] as const))(
  '%s',
  (_name, route) => {
    it('answers nobody without a token that is whole, signed by us and in time', async () => {
      const before = stateAtStripe();
      expect(await ask(route, {})).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
      const forged = `${ours.token.slice(0, -2)}${ours.token.endsWith('AA') ? 'BB' : 'AA'}`;
      const expired = scene.token(ours.organisationId, -1);
      const renamed = ours.token.replace(`org.${ours.organisationId}.`, `org.${theirs.organisationId}.`);
      for (const token of [forged, expired, renamed, 'Bearer', scene.token(999_999)]) {
        expect(await ask(route, { token })).toMatchObject({ status: 401, body: { code: 'token_refused' } });
      }
      expect(stateAtStripe()).toBe(before);
    });

    it('believes no organisation or customer that a request names', async () => {
      const named = {
        organisation: String(theirs.organisationId),
        organisation_id: theirs.organisationId,
        customer: theirs.customerId,
      };
      if (route.body !== undefined) {
        const before = stateAtStripe();
        expect(await ask(route, { token: ours.token, more: named })).toMatchObject({
          status: 422,
          body: { code: 'invalid_request' },
        });
        expect(stateAtStripe()).toBe(before);
      }
      if (route.method === 'post' || route.method === 'patch') return;
      const query = `?organisation=${theirs.organisationId}&customer=${theirs.customerId}`;
      const path = fullPath(route).replace(/\{\w+\}/g, 'si_theirs');
      const answer = await scene.call(route.method.toUpperCase(), `${path}${query}`, { token: ours.token });
      expect(answer.status).toBe(422);
    });

    if (route.query?.subscription !== undefined || route.body?.properties.subscription !== undefined) {
      it('says 404 to another organisation’s subscription, as to one that is not there', async () => {
        const before = stateAtStripe();
        const foreign = await ask(route, {
          token: ours.token,
          subscription: String(theirs.subscriptionId),
          param: 'si_theirs',
        });
        const absent = await ask(route, { token: ours.token, subscription: '424242', param: 'si_theirs' });
        expect(foreign).toMatchObject({ status: 404, body: { code: 'subscription_not_found' } });
        const { request_id: _one, ...said } = foreign.body;
        const { request_id: _other, ...alike } = absent.body;
        expect(said).toEqual(alike);
        expect(stateAtStripe()).toBe(before);
      });
    }

    if (route.method === 'get') {
      it('shows nothing of another organisation', async () => {
        const answer = await ask(route, { token: ours.token });
        expect(answer.status).toBe(200);
        const text = JSON.stringify(answer.body);
        for (const secret of [theirs.customerId, theirs.providerId]) expect(text).not.toContain(secret);
      });
    }
  },
);

const ABOUT_ONE = BILLING_ROUTES.filter(
  ({ operationId, query, body }) =>
    operationId !== 'listInvoices' && (query?.subscription ?? body?.properties.subscription) !== undefined,
);

it.each(ABOUT_ONE.map((route) => [`${route.method} ${fullPath(route)}`, route] as const))(
  'asks which of several subscriptions: %s',
  async (_name, route) => {
    several ??= await twoSubscriptions();
    const before = stateAtStripe();
    const answer = await ask(route, { token: several.token });
    expect(answer).toMatchObject({ status: 409, body: { code: 'subscription_ambiguous' } });
    const { subscriptions } = answer.body as { subscriptions: { id: string; plan_key: string }[] };
    expect(subscriptions.map(({ plan_key }) => plan_key).sort()).toEqual(['professional', 'starter']);
    expect(stateAtStripe()).toBe(before);
    // One of them named, the question is gone.
    const named = await ask(route, { token: several.token, subscription: '424242' });
    expect(named).toMatchObject({ status: 404, body: { code: 'subscription_not_found' } });
  },
);

let several: Customer | undefined;
async function twoSubscriptions(): Promise<Customer> {
  const customer = await scene.customer();
  await scene.call('POST', '/subscription', {
    token: customer.token,
    body: { plan_key: 'starter', interval: 'month' },
  });
  return customer;
}

it('answers so many requests a minute from one address, then 429', async () => {
  const strict = await startBilling({ perMinute: 3 });
  try {
    const answers = [1, 2, 3, 4].map(() => strict.call('GET', '/tiers', {}));
    const statuses = (await Promise.all(answers)).map(({ status }) => status).sort();
    expect(statuses).toEqual([401, 401, 401, 429]);
  } finally {
    await strict.stop();
  }
});

it('counts those with a token by organisation: a website or a product asks for all of them from one address', async () => {
  const strict = await startBilling({ perMinute: 1 });
  try {
    const [first, second] = [await strict.customer(), await strict.customer()];
    const ask = async (token: string) => (await strict.call('GET', '/tiers', { token })).status;
    const statuses: number[] = [];
    for (let asked = 0; asked < 6; asked += 1) statuses.push(await ask(first.token));
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect(await ask(second.token)).toBe(200);
    // One that is forged opens no count of its own.
    expect(await ask(`${second.token.slice(0, -3)}abc`)).toBe(401);
    expect(await ask(`${second.token.slice(0, -3)}abd`)).toBe(429);
  } finally {
    await strict.stop();
  }
});

it('says 405 or 404, never an answer, to a method that the table does not have', async () => {
  const answer = await scene.call('PUT', '/subscription', {
    token: ours.token,
    body: {},
    undocumented: true,
  });
  expect([404, 405]).toContain(answer.status);
});
