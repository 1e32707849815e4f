/** Add-ons bought and removed through the API, charged by the sandbox's Stripe, with domain names looked up at its registry. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AddOn } from '../../../connector/billing/catalogue.ts';
import { type BillingScene, startBilling } from './scene.ts';

type Customer = Awaited<ReturnType<BillingScene['customer']>>;

let scene: BillingScene;
beforeAll(async () => {
  scene = await startBilling();
});
afterAll(() => scene?.stop());

const buy = (by: Customer, body: Record<string, unknown>, key?: string) =>
  scene.call('POST', '/addons/purchase', {
    token: by.token,
    body,
    ...(key !== undefined && { headers: { 'idempotency-key': key } }),
  });
const mine = async (by: Customer) =>
  (await scene.call<{ data: Record<string, unknown>[] }>('GET', '/my-addons', { token: by.token })).body.data;
const invoicesOf = (by: Customer) =>
  scene.world.systems.stripe.invoices().filter((each) => each.customer === by.customerId);
const itemsOf = (by: Customer) =>
  scene.world.systems.stripe.subscriptions().find(({ id }) => id === by.providerId)!.items.data;

describe('an add-on', () => {
  it('is charged at once beside the plan, mirrored in its amount, and credited when it is removed', async () => {
    const by = await scene.customer({ plan: 'starter' });
    const bought = await buy(by, { addon_key: 'email_10', quantity: 2 });
    expect(bought).toMatchObject({
      status: 201,
      body: { addon_key: 'email_10', sold: 'recurring', quantity: 2, unit_amount: 1800, interval: 'month' },
    });
    expect(await mine(by)).toEqual([bought.body]);
    expect(invoicesOf(by).at(-1)).toMatchObject({ status: 'paid', amount_paid: 3600 });
    expect(await scene.row(by.subscriptionId)).toMatchObject({
      plan_key: 'starter',
      recurring_amount: 25000 + 3600,
    });
    expect((await scene.row(by.subscriptionId)).items).toEqual([
      expect.objectContaining({ role: 'recurring', addOnKey: null, quantity: 1, unitAmount: 25000 }),
      expect.objectContaining({ role: 'addon', addOnKey: 'email_10', quantity: 2, unitAmount: 1800 }),
    ]);
    // A sync that finds nothing new changes nothing.
    const version = (await scene.row(by.subscriptionId)).version;
    await scene.syncCustomer(by.customerId);
    expect((await scene.row(by.subscriptionId)).version).toBe(version);
    // The plan stays recognised, and can be changed with the add-on beside it.
    const preview = await scene.call('POST', '/change-tier/preview', {
      token: by.token,
      body: { plan_key: 'professional' },
    });
    expect(preview.body).toMatchObject({ from: { plan_key: 'starter' }, to: { plan_key: 'professional' } });

    const gone = await scene.call('DELETE', `/addons/${bought.body.id}`, { token: by.token });
    expect(gone).toMatchObject({ status: 204, body: null });
    expect(await mine(by)).toEqual([]);
    expect(itemsOf(by)).toHaveLength(1);
    const upcoming = await scene.call<{ invoice: { lines: { amount: number; proration: boolean }[] } }>(
      'GET',
      '/upcoming-invoice',
      { token: by.token },
    );
    expect(upcoming.body.invoice.lines.some(({ amount, proration }) => proration && amount < 0)).toBe(true);
    expect((await scene.call('DELETE', `/addons/${bought.body.id}`, { token: by.token })).status).toBe(404);
  });

  it('costs what its preview said, to the cent, days into the period', async () => {
    const by = await scene.customer({ plan: 'starter' });
    await scene.world.clock.advance(9 * 86_400_000 + 12_345_678);
    const fresh = { ...by, token: scene.token(by.organisationId) };
    const preview = await scene.call('POST', '/addons/preview', {
      token: fresh.token,
      body: { addon_key: 'email_25', quantity: 3 },
    });
    expect(preview).toMatchObject({
      status: 200,
      body: { sold: 'recurring', quantity: 3, unit_amount: 4000, interval: 'month', currency: 'usd' },
    });
    const due = Number(preview.body.amount_due);
    expect(due).toBeGreaterThan(0);
    expect(due).toBeLessThan(12_000);
    expect(await mine(fresh)).toEqual([]);
    await scene.world.clock.advance(20 * 60_000);
    const wish = { addon_key: 'email_25', quantity: 3, as_of: preview.body.as_of };
    expect((await buy(fresh, wish)).status).toBe(201);
    expect(invoicesOf(by).at(-1)).toMatchObject({ status: 'paid', amount_paid: due });
    await scene.world.clock.advance(20 * 60_000);
    expect(await buy(fresh, wish)).toMatchObject({ status: 409, body: { code: 'preview_out_of_date' } });
    const once = await scene.call('POST', '/addons/preview', {
      token: (await scene.customer()).token,
      body: { addon_key: 'premium_ssl' },
    });
    expect(once.body).toMatchObject({ sold: 'once', unit_amount: 9900, amount_due: 0, interval: null });
  });

  it('comes along to another plan and interval, or stands in its way', async () => {
    const by = await scene.customer({ plan: 'starter' });
    await buy(by, { addon_key: 'email_5' });
    await buy(by, { addon_key: 'custom_domain', domain: 'harbour.example' });
    const change = (body: Record<string, unknown>) =>
      scene.call('PATCH', '/subscription', { token: by.token, body });
    const preview = await scene.call('POST', '/change-tier/preview', {
      token: by.token,
      body: { interval: 'year' },
    });
    expect(preview.body).toMatchObject({ recurring_amount: 250_000 + 10_000 + 15_000, when: 'now' });
    expect(await change({ interval: 'year' })).toMatchObject({ status: 200, body: { outcome: 'changed' } });
    expect(itemsOf(by).map(({ price }) => price.lookup_key)).toEqual([
      'starter_year',
      'email_5_year',
      'custom_domain_year',
    ]);
    expect(invoicesOf(by).at(-1)!.amount_paid).toBe(preview.body.amount_due);
    // Down again at the end of the year: both by the month.
    expect(await change({ interval: 'month' })).toMatchObject({ body: { outcome: 'scheduled' } });
    await scene.world.clock.advance(370 * 86_400_000);
    expect(itemsOf(by).map(({ price }) => price.lookup_key)).toEqual([
      'starter_month',
      'email_5_month',
      'custom_domain_month',
    ]);
    // Whose domain it is goes along.
    const later = { ...by, token: scene.token(by.organisationId) };
    expect((await mine(later)).map(({ domain }) => domain)).toEqual([null, 'harbour.example']);
  });

  it('that does not go with the wanted plan, or is not sold by that interval, is named', async () => {
    const by = await scene.customer({ plan: 'professional' });
    const { addOns } = scene.catalogue;
    const pack = addOns.find(({ key }) => key === 'email_5')! as { plans: string[] | null; prices: object };
    const was = { plans: pack.plans, prices: pack.prices };
    await buy(by, { addon_key: 'email_5' });
    const preview = (body: Record<string, unknown>) =>
      scene.call('POST', '/change-tier/preview', { token: by.token, body });
    try {
      Object.assign(pack, { plans: ['professional'], prices: { month: 1000 } });
      expect(await preview({ plan_key: 'enterprise' })).toMatchObject({
        status: 400,
        body: { code: 'addon_not_compatible', detail: expect.stringContaining('E-mail pack 5') },
      });
      expect(await preview({ interval: 'year' })).toMatchObject({
        status: 400,
        body: { code: 'addon_without_price' },
      });
    } finally {
      Object.assign(pack, was);
    }
  });

  it('that is sold once stands on the next invoice, once', async () => {
    const by = await scene.customer({ plan: 'professional' });
    const before = invoicesOf(by).length;
    const bought = await buy(by, { addon_key: 'premium_ssl' });
    expect(bought).toMatchObject({ status: 201, body: { sold: 'once', unit_amount: 9900, interval: null } });
    expect(invoicesOf(by)).toHaveLength(before);
    expect(await buy(by, { addon_key: 'premium_ssl' })).toMatchObject({
      status: 409,
      body: { code: 'addon_owned' },
    });
    expect(await scene.call('DELETE', `/addons/${bought.body.id}`, { token: by.token })).toMatchObject({
      status: 409,
      body: { code: 'addon_not_removable' },
    });
    await scene.world.clock.advance(32 * 86_400_000);
    const renewals = invoicesOf(by).filter((each) => each.billing_reason === 'subscription_cycle');
    expect(renewals[0]!.lines.data.map(({ amount }) => amount).sort()).toEqual([50000, 9900].sort());
  });

  it('goes only with the plans it is for', async () => {
    const by = await scene.customer({ plan: 'starter' });
    const { body } = await scene.call<{ data: Record<string, unknown>[] }>('GET', '/addons', {
      token: by.token,
    });
    expect(body.data.find(({ addon_key }) => addon_key === 'premium_ssl')).toMatchObject({
      compatible: false,
      one_time_amount: 9900,
      prices: [],
    });
    expect(body.data.find(({ addon_key }) => addon_key === 'email_5')).toMatchObject({ compatible: true });
    expect(await buy(by, { addon_key: 'premium_ssl' })).toMatchObject({
      status: 400,
      body: { code: 'addon_not_compatible' },
    });
    expect(await buy(by, { addon_key: 'gold_taps' })).toMatchObject({
      status: 404,
      body: { code: 'addon_not_found' },
    });
  });

  it('that is no longer sold is called by its key', async () => {
    const by = await scene.customer();
    await buy(by, { addon_key: 'email_5' });
    const addOns = scene.catalogue.addOns as AddOn[];
    const [gone] = addOns.splice(
      addOns.findIndex(({ key }) => key === 'email_5'),
      1,
    );
    try {
      expect(await mine(by)).toMatchObject([{ addon_key: 'email_5', name: 'email_5', unit_amount: 1000 }]);
    } finally {
      addOns.push(gone!);
    }
  });

  it('is bought once for one Idempotency-Key, and twice for two', async () => {
    const by = await scene.customer();
    const [first, again] = [
      await buy(by, { addon_key: 'email_5' }, 'five-more-mailboxes'),
      await buy(by, { addon_key: 'email_5' }, 'five-more-mailboxes'),
    ];
    expect(again.body).toEqual(first.body);
    await buy(by, { addon_key: 'email_5' }, 'five-further-mailboxes');
    expect(await mine(by)).toHaveLength(2);
  });

  it('is not there when the card is refused, and can be had with another card', async () => {
    const by = await scene.customer();
    scene.world.systems.stripe.replaceCard(by.providerId, '4000000000000341');
    expect(await buy(by, { addon_key: 'email_25' }, 'twenty-five-mailboxes')).toMatchObject({
      status: 402,
      body: { code: 'payment_refused' },
    });
    expect(await mine(by)).toEqual([]);
    scene.world.systems.stripe.replaceCard(by.providerId, '4242424242424242');
    expect((await buy(by, { addon_key: 'email_25' }, 'twenty-five-mailboxes')).status).toBe(201);
  });

  it('is removed from whichever of several subscriptions has it', async () => {
    const by = await scene.customer();
    const { body } = await buy(by, { addon_key: 'email_5' });
    const second = await scene.call('POST', '/subscription', {
      token: by.token,
      body: { plan_key: 'starter', interval: 'month' },
    });
    expect(second.status).toBe(201);
    expect((await scene.call('DELETE', `/addons/${body.id}`, { token: by.token })).status).toBe(204);
    expect(itemsOf(by)).toHaveLength(1);
  });

  it('of another organisation is not there', async () => {
    const [ours, theirs] = [await scene.customer(), await scene.customer()];
    const { body } = await buy(theirs, { addon_key: 'email_5' });
    expect(await scene.call('DELETE', `/addons/${body.id}`, { token: ours.token })).toMatchObject({
      status: 404,
      body: { code: 'addon_not_found' },
    });
    expect(await mine(theirs)).toHaveLength(1);
  });
});

describe('a custom domain', () => {
  it('must be registered and delegated', async () => {
    const by = await scene.customer();
    const domain = (name?: string) =>
      buy(by, { addon_key: 'custom_domain', ...(name !== undefined && { domain: name }) });
    expect(await domain()).toMatchObject({ status: 422, body: { code: 'domain_required' } });
    expect(await domain('no domain')).toMatchObject({
      status: 422,
      body: { code: 'invalid_request', errors: [{ pointer: '/domain', code: 'domain' }] },
    });
    expect(await domain('free-harbour.example')).toMatchObject({
      status: 422,
      body: { code: 'domain_not_registered' },
    });
    expect(await domain('Harbour.Example')).toMatchObject({
      status: 201,
      body: { domain: 'harbour.example', unit_amount: 1500 },
    });
    expect(await domain('harbour.example')).toMatchObject({ status: 409, body: { code: 'addon_owned' } });
    expect((await domain('tower.example')).status).toBe(201);
    expect((await mine(by)).map((each) => each.domain)).toEqual(['harbour.example', 'tower.example']);
  });

  it('costs nothing while the registry is away', async () => {
    const by = await scene.customer();
    scene.world.faults.add({ system: 'rdap', times: 3, kind: 'server_error' });
    const before = invoicesOf(by).length;
    const answer = await buy(by, { addon_key: 'custom_domain', domain: 'harbour.example' });
    expect(answer).toMatchObject({ status: 503, body: { code: 'temporarily_unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('10');
    expect(invoicesOf(by)).toHaveLength(before);
  });
});
