/** The billing page over HTTP, its forms sent as a browser without scripts sends them: what each answer leads to. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pause } from '../../../connector/billing/commands/pause.ts';
import { type BillingScene, startBilling } from './scene.ts';
import { formsOf, read, readAt } from './shown.ts';

const lines: string[] = [];
let scene: BillingScene;
beforeAll(async () => {
  scene = await startBilling({ lines });
}, 60_000);
afterAll(() => scene?.stop());

type Customer = Awaited<ReturnType<BillingScene['customer']>>;
/** Tokens end by the world's clock, which tests move. */
const cookieOf = ({ organisationId }: Pick<Customer, 'organisationId'>) =>
  `billing=${scene.token(organisationId)}`;

async function pageOf(by: Pick<Customer, 'organisationId'>, query = ''): Promise<string> {
  const answer = await fetch(`${scene.api}/billing${query}`, { headers: { cookie: cookieOf(by) } });
  expect(answer.status).toBe(200);
  return answer.text();
}

async function send(
  by: Customer,
  path: string,
  fields: Record<string, string> = {},
  headers: Record<string, string> = {},
) {
  const answer = await fetch(`${scene.api}/billing/${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookieOf(by), origin: scene.api, ...headers },
    body:
      headers['content-type'] === 'application/json' ? JSON.stringify(fields) : new URLSearchParams(fields),
  });
  return {
    status: answer.status,
    to: answer.headers.get('location'),
    setCookie: answer.headers.get('set-cookie'),
    text: await answer.text(),
  };
}

describe('a form', () => {
  it('takes a paused subscription up again', async () => {
    const by = await scene.customer({ plan: 'starter' });
    await pause(scene.deps, { subscriptionId: by.subscriptionId });
    expect((await send(by, 'resume')).to).toBe('/billing?note=resumed');
    expect((await send(by, 'resume')).to).toBe('/billing?note=refused');
  });

  it('leads to paying a change whose payment was refused, and nothing is changed until then', async () => {
    const by = await scene.customer({ plan: 'starter' });
    await scene.world.clock.advance(3 * 86_400_000);
    scene.world.systems.stripe.replaceCard(by.providerId, '4000000000000341');
    const preview = await send(by, 'change', { plan_key: 'professional', interval: 'month' });
    const token = /name="token" value="([^"]+)"/.exec(preview.text)![1]!;
    const { status, to } = await send(by, 'change/confirm', { token });
    expect([status, to!.startsWith(scene.world.urls.stripe)]).toEqual([303, true]);
    expect(await scene.row(by.subscriptionId)).toMatchObject({ plan_key: 'starter' });
    expect(formsOf(await pageOf(by))).not.toContain('change');
  });

  it('of somebody who comes back says what it costs, and why it cannot be', async () => {
    const by = await scene.customer({ plan: 'starter' });
    const [row, other] = [await scene.row(by.subscriptionId), await scene.customer()];
    await scene.call('DELETE', '/subscription', { token: scene.token(by.organisationId) });
    const wish = { project: String(row.project_id), after: String(by.subscriptionId), interval: 'month' };
    const review = await send(by, 'return', { ...wish, plan_key: 'professional', quantity: '9' });
    const rest =
      'Before taxes and credits. It is charged to your stored payment method. From then on: USD 500 per month';
    expect(readAt(review.text, 'preview')).toEqual([`Professional USD 500.00 Due now USD 500.00 ${rest}`]);
    await scene.db.query('update projects set data_deleted_at = now() where id = $1', [row.project_id]);
    const anew = await send(by, 'return', { ...wish, plan_key: 'professional' });
    expect(readAt(anew.text, 'preview')).toEqual([
      `Professional USD 500.00 Set-up, once USD 3,000.00 Due now USD 3,500.00 ${rest}`,
    ]);
    const answers = [
      [{ ...wish, plan_key: 'platinum' }, 'refused'],
      [{ ...wish, plan_key: 'starter', interval: 'week' }, 'invalid_request'],
      [{ ...wish, plan_key: 'starter', subscription: '1' }, 'invalid_request'],
    ] as const;
    for (const [fields, note] of answers)
      expect((await send(by, 'return', fields)).to).toBe(`/billing?note=${note}`);
    const foreign = String((await scene.row(other.subscriptionId)).project_id);
    const starter = { ...wish, plan_key: 'starter', due: '175000' };
    expect((await send(by, 'return/confirm', { ...starter, project: foreign })).to).toBe(
      '/billing?note=refused',
    );
    const cards = await scene.stripe.customers.listPaymentMethods(by.customerId);
    for (const { id } of cards.data) await scene.stripe.paymentMethods.detach(id);
    expect((await send(by, 'return/confirm', starter)).to).toBe('/billing?note=no_payment_method');
  });

  it('that names nothing of theirs is refused, and the page says so', async () => {
    const [by, other] = [await scene.customer(), await scene.customer()];
    const { to } = await send(by, 'cancel', { subscription: String(other.subscriptionId) });
    expect(to).toBe('/billing?note=refused');
    expect(read(await pageOf(by, to!.slice('/billing'.length)))).toContain('This could not be done.');
    expect(await scene.row(other.subscriptionId)).toMatchObject({ cancel_at_period_end: false });
    expect((await send(by, 'addons/remove')).to).toBe('/billing?note=addon_not_found');
    expect(await pageOf(by, '?note=made_up')).not.toContain('data-note');
  });

  it('is read as a form only', async () => {
    const by = await scene.customer();
    await send(by, 'addons/confirm', { addon_key: 'email_5' });
    const id = /name="id" value="(si_\w+)"/.exec(await pageOf(by))![1]!;
    const json = { 'content-type': 'application/json' };
    expect((await send(by, 'addons/remove', { id }, json)).to).toBe('/billing?note=addon_not_found');
    expect((await send(by, 'addons/remove', { id })).to).toBe('/billing?note=addon_removed');
  });

  it('of another site logs nobody out', async () => {
    const by = await scene.customer();
    const elsewhere = { 'sec-fetch-site': 'cross-site' };
    expect(await send(by, 'logout', {}, elsewhere)).toMatchObject({ to: '/billing', setCookie: null });
    expect((await send(by, 'logout')).setCookie).toMatch(/^billing=;/);
  });
});

describe('while the provider is away', () => {
  it('the page shows what we were told last, and a button says that it must wait', async () => {
    const by = await scene.customer({ plan: 'starter' });
    scene.world.faults.add({ system: 'stripe', kind: 'server_error', times: 1000 });
    try {
      const page = await pageOf(by);
      expect(readAt(page, 'next')[0]).toMatch(/^Renews on .* for USD 250 per month$/);
      expect(read(page)).not.toContain('No payment method is stored');
      expect(formsOf(page)).toEqual(expect.arrayContaining(['change', 'cancel']));
      lines.length = 0;
      expect((await send(by, 'cancel')).to).toBe('/billing?note=later');
      const refused = lines.filter((line) => line.includes('refused on the billing page'));
      expect(refused.map((line) => JSON.parse(line) as { level: string })).toMatchObject([
        { level: 'error', organisationId: by.organisationId },
      ]);
    } finally {
      scene.world.faults.clear();
    }
    expect(read(await pageOf(by, '?note=later'))).toContain('We cannot reach our payment provider just now.');
  });
});

describe('the page', () => {
  it('of an organisation that has bought nothing leads to the plans', async () => {
    const { body } = await scene.post({
      plan: 'starter',
      interval: 'month',
      organisation: {
        name: 'Never Paid Ltd',
        country: 'GB',
        contact_name: 'Nora',
        contact_email: 'nora@nothing.example',
      },
      project: { name: 'P', code: 'P' },
      stakeholders: [{ name: 'Nora', email: 'nora@nothing.example', role: 'information_manager' }],
    });
    expect(body.order).toBeDefined();
    const { rows } = await scene.db.query<{ id: number }>(
      `update organisations set provider_customer_id = null where contact_email = 'nora@nothing.example' returning id`,
    );
    const page = await pageOf({ organisationId: rows[0]!.id });
    expect(read(page)).toContain('There is no subscription yet. Choose a plan');
    expect(formsOf(page)).toEqual(['logout']);
    const token = scene.token(rows[0]!.id);
    expect(await scene.call('GET', '/customer', { token })).toMatchObject({
      status: 400,
      body: { code: 'no_billing_customer' },
    });
    const tiers = await scene.call<{ data: unknown[] }>('GET', '/tiers', { token });
    expect(tiers.body.data[0]).toMatchObject({ plan_key: 'starter', currency: 'usd' });
  });

  it('of a subscription that staff made of a product of their own offers no other plan', async () => {
    const by = await scene.customer();
    const product = await scene.stripe.products.create({ name: 'Consulting' });
    const price = await scene.stripe.prices.create({
      product: product.id,
      currency: 'usd',
      unit_amount: 12_345,
      recurring: { interval: 'week' },
    });
    scene.world.systems.stripe.createDashboardSubscription({ customer: by.customerId, prices: [price.id] });
    await scene.syncCustomer(by.customerId);
    const page = await pageOf(by);
    const foreign = page.split('<section').find((card) => card.includes('Individual agreement'))!;
    expect(readAt(foreign, 'amount')).toEqual(['USD 123.45']);
    expect(formsOf(foreign)).toEqual(['promotion-code', 'cancel']);
    const { body } = await scene.call<{ subscriptions: Record<string, unknown>[] }>('GET', '/summary', {
      token: scene.token(by.organisationId),
    });
    const [newest] = body.subscriptions;
    expect(newest).toMatchObject({ plan_key: null, tier: null, amount: 12_345, project: null });
    const one = await scene.call('GET', `/subscription?subscription=${newest!.id}`, {
      token: scene.token(by.organisationId),
    });
    expect(one.body).toMatchObject({ plan_key: null, tier: null, amount: 12_345 });
  });

  it('of a customer that is gone at the provider still opens', async () => {
    const by = await scene.customer();
    await scene.stripe.customers.del(by.customerId);
    expect(read(await pageOf(by))).toContain('No payment method is stored.');
    const answer = await scene.call('GET', '/customer', { token: scene.token(by.organisationId) });
    expect(answer).toMatchObject({ status: 400, body: { code: 'no_billing_customer' } });
  });

  it('goes back through the invoices, and says on each page what is still to be paid', async () => {
    const by = await scene.customer();
    await scene.db.query(
      `insert into invoices (provider_id, customer_id, subscription_id, number, status, currency, amount_due, amount_paid,
         total, hosted_invoice_url, created)
       select 'in_old_' || n, $1, $2, 'OLD-' || n, case when n = 1 then 'open' else 'paid' end, 'usd', 100, 0, 100,
              'https://invoice.example/' || n, $3::timestamptz - n * interval '31 days'
         from generate_series(1, 14) n`,
      [by.customerId, by.subscriptionId, scene.world.clock.now()],
    );
    const numbers = (page: string) =>
      [...page.matchAll(/data-label="Number">OLD-(\d+)</g)].map(([, n]) => Number(n));
    const newest = await pageOf(by);
    expect(numbers(newest)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const older = /href="\/billing(\?cursor=[^#"]+)#invoices"/.exec(newest)![1]!;
    const second = await pageOf(by, older);
    expect(numbers(second)).toEqual([12, 13, 14]);
    expect(second).not.toContain('?cursor=');
    for (const page of [newest, second])
      expect(page).toContain('href="https://invoice.example/1">Pay now</a>');
    // A cursor that is not ours is no reason to say that there are no invoices.
    expect(numbers(await pageOf(by, '?cursor=bm9wZQ'))).toEqual(numbers(newest));
  });
});
