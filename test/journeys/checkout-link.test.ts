/** A salesperson sends a checkout link from an opportunity; the customer opens it, pays, and that opportunity is won. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadCatalogue } from '../../connector/billing/plans.ts';
import { wantedProducts } from '../../connector/billing/wanted-products.ts';
import { stillThere } from '../../connector/crm/gone.ts';
import { externalId } from '../../connector/crm/ids.ts';
import { createLog } from '../../connector/log.ts';
import { createOdoo, type Odoo } from '../../connector/odoo/odoo.ts';
import { catalogueChanges } from '../../connector/stripe/catalogue.ts';
import { requestActionName } from '../../scripts/commands/erp/button-steps.ts';
import { launchBrowser } from '../support/browser.ts';
import { eventually, runOf } from '../support/connector.ts';
import { openScene, type Scene } from '../support/scene.ts';

let scene: Scene;
let seller: Odoo;
let country: number;

beforeEach(async () => {
  scene = await openScene();
  scene.world.systems.odoo.staff.createInternalUser({
    login: 'seller',
    password: 'seller-password',
    groups: ['sales_team.group_sale_salesman_all_leads'],
  });
  seller = createOdoo({
    url: scene.world.urls.odoo,
    db: scene.world.env.ODOO_DB!,
    username: 'seller',
    apiKey: 'seller-password',
    transport: 'jsonrpc',
    log: createLog({ level: 'silent' }),
  });
  country = Number(scene.world.systems.odoo.find('res.country', (each) => each.code === 'BE')!.id);
});
afterEach(() => scene?.close());

const odoo = () => scene.world.systems.odoo;
const leads = () => odoo().records('crm.lead');
const wonStage = (lead: Record<string, unknown>) =>
  odoo().read('crm.stage', Number([lead.stage_id].flat()[0]))?.is_won === true;

/** An opportunity staff made by hand, of a company they know. */
function madeByHand(values: Record<string, unknown> = {}) {
  const company = odoo().staff.create('res.partner', {
    name: 'Old Harbour NV',
    is_company: true,
    country_id: country,
  });
  const lead = odoo().staff.create('crm.lead', {
    name: 'By hand',
    type: 'opportunity',
    partner_id: company,
    contact_name: 'Carla Customer',
    email_from: 'carla@oldharbour.example',
    x_stripe_plan: 'enterprise',
    x_stripe_interval: 'month',
    x_stripe_recurring_amount: 1999.5,
    x_stripe_setup_amount: 5000,
    ...values,
  });
  return { company, lead };
}

async function press(lead: number): Promise<string> {
  const action = odoo().find('ir.model.data', ({ name }) => name === requestActionName('send_checkout_link'));
  const before = new Set(
    odoo()
      .records('x_stripe_request')
      .map(({ id }) => id),
  );
  await seller.call('ir.actions.server', 'run', {
    ids: [Number(action!.res_id)],
    context: { active_model: 'crm.lead', active_id: lead, active_ids: [lead] },
  });
  const row = await eventually('the answer', async () =>
    odoo()
      .records('x_stripe_request')
      .find((each) => !before.has(each.id) && each.x_state !== 'waiting'),
  );
  return `${row.x_state}: ${row.x_answer}`;
}

/** What is left to fill in, sent as a browser without scripts sends it. @returns the answer to "pay" */
async function checkOut(cookie: string, code: string): Promise<Response> {
  const send = (path: string, form: Record<string, string>) =>
    fetch(`${scene.connector.publicUrl}/services/comply${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        cookie,
        'content-type': 'application/x-www-form-urlencoded',
        origin: scene.connector.publicUrl,
      },
      body: new URLSearchParams({ action: 'next', ...form }),
    });
  await send('/project', { name: 'Quay', code, description: '', client: '' });
  await send('/stakeholders', { name: 'Ines', email: 'ines@x.example', role: 'information_manager' });
  return send('/pay', {});
}

const linkIn = (text: string): string => /https?:\S+offer=[\w-]+/.exec(text)![0];

async function mailed(): Promise<string> {
  const mail = await eventually(
    'the mail',
    async () => (await scene.world.systems.mail.to('carla@oldharbour.example'))[0],
  );
  return linkIn(mail.text);
}

it('the link opens the wizard prefilled, at the price agreed, and its payment wins that same opportunity', async () => {
  const { company, lead } = madeByHand();
  expect(await press(lead)).toMatch(
    /^done: Checkout link for .* sent to carla@oldharbour.example, valid until/,
  );
  const link = await mailed();
  expect(link.startsWith(scene.connector.publicUrl)).toBe(true);
  const stored = await scene.db.query('select * from offers');
  expect(JSON.stringify(stored.rows)).not.toContain(new URL(link).searchParams.get('offer'));
  expect(JSON.stringify(stored.rows)).not.toContain('carla');

  const browser = await launchBrowser();
  try {
    const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(link);
    // The token is out of the address at once.
    expect(new URL(page.url()).search).toBe('');
    expect(await page.locator('#offer').innerText()).toContain('1,999.50');
    await page.locator('button.primary').click();
    await page.waitForURL('**/organisation');
    expect(await page.locator('#organisation-name').inputValue()).toBe('Old Harbour NV');
    expect(await page.locator('#organisation-country').inputValue()).toBe('BE');
    expect(await page.locator('#organisation-contact_name').inputValue()).toBe('Carla Customer');
    expect(await page.locator('#organisation-contact_email').inputValue()).toBe('carla@oldharbour.example');
    await page.locator('button.primary').click();
    await page.waitForURL('**/project');
    await page.locator('#project-name').fill('Old Quay');
    await page.locator('#project-code').fill('OQ-1');
    await page.locator('button.primary').click();
    await page.waitForURL('**/stakeholders');
    await page.locator('[name="name"]').first().fill('Ines Manager');
    await page.locator('[name="email"]').first().fill('ines@oldharbour.example');
    await page.locator('select[name="role"]').first().selectOption('information_manager');
    await page.locator('button.primary').click();
    await page.waitForURL('**/review');
    await page.locator('button.primary').click();
    await page.waitForURL('**/pay');
  } finally {
    await browser.close();
  }
  const session = await eventually('a session', async () => {
    const { rows } = await scene.db.query<{ id: string }>('select provider_id as id from checkout_sessions');
    return rows[0]?.id;
  });
  scene.world.systems.stripe.payCheckout(session);
  await runOf(scene.connector, scene.db, session);

  expect(leads()).toHaveLength(1);
  const [won] = leads();
  expect(won).toMatchObject({ id: lead, name: 'By hand', active: true });
  expect(wonStage(won!)).toBe(true);
  expect(won!.expected_revenue).toBe(6999.5);
  const { rows } = await scene.db.query('select plan_key, recurring_amount from subscriptions');
  expect(rows).toMatchObject([{ plan_key: 'enterprise', recurring_amount: 199_950 }]);
  // On the products that are there: no agreement makes one more.
  expect(
    scene.world.systems.stripe.products().filter(({ metadata }) => metadata.product_key === undefined),
  ).toEqual([]);
  // The company is the one staff had, and no other was made.
  expect(
    odoo()
      .records('res.partner')
      .filter((each) => each.is_company === true && each.name === 'Old Harbour NV'),
  ).toMatchObject([{ id: company }]);
  expect([odoo().find('x_stripe_subscription', () => true)?.x_partner_id].flat()[0]).toBe(company);
  await eventually('a note on the opportunity', async () =>
    odoo()
      .records('mail.message')
      .some((each) => each.res_id === lead && String(each.body).includes('Checkout link for')),
  );
  // The link now shows what was bought.
  const again = await fetch(link, { redirect: 'manual' });
  expect(again.headers.get('location')).toMatch(/^\/orders\//);
});

it('opened twice, by two people, it is one order', async () => {
  const { lead } = madeByHand({
    x_stripe_plan: 'starter',
    x_stripe_setup_amount: 0,
    x_stripe_recurring_amount: 0,
  });
  expect(await press(lead)).toMatch(/^done/);
  const link = await mailed();
  const pay = async (code: string) => {
    const first = await fetch(link, { redirect: 'manual' });
    return checkOut(first.headers.get('set-cookie')!.split(';')[0]!, code);
  };
  const answers = [await pay('A-1'), await pay('A-2')];
  expect(answers.map(({ status }) => status)).toEqual([303, 303]);
  const { rows } = await scene.db.query('select o.id from orders o');
  expect(rows).toHaveLength(1);
  const open = await scene.db.query("select 1 from checkout_sessions where status = 'open'");
  expect(open.rowCount).toBe(1);
});

it.each([
  ['no address', { email_from: false }, /refused: There is no e-mail address/],
  ['no plan', { x_stripe_plan: false }, /refused: No plan is chosen/],
  ['a plan that is not sold', { x_stripe_plan: 'platinum' }, /refused: There is no plan "platinum"/],
  ['a set-up price alone', { x_stripe_recurring_amount: 0 }, /refused: The recurring amount is too small/],
  ['a currency that is none', { x_stripe_currency: 'Euro' }, /refused: There is no currency "EURO"/],
  ['too small a price', { x_stripe_recurring_amount: 0.2 }, /refused: The recurring amount is too small/],
])('is refused with %s, and nothing is sent', async (_what, values, answer) => {
  const { lead } = madeByHand(values);
  expect(await press(lead)).toMatch(answer);
  expect(scene.world.systems.mail.count()).toBe(0);
  expect(await scene.db.query('select 1 from offers')).toMatchObject({ rowCount: 0 });
});

it('is refused for what is won already', async () => {
  const { lead } = madeByHand();
  await seller.call('crm.lead', 'action_set_won', { ids: [lead] });
  expect(await press(lead)).toMatch(/refused: This opportunity is won already/);
});

it('is refused for a plan without a price list until its amounts are set', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mappings-'));
  cpSync(new URL('../../mappings', import.meta.url), folder, { recursive: true });
  const file = join(folder, 'plans.json');
  const plans = JSON.parse(readFileSync(file, 'utf8'));
  Object.assign(plans.plans.at(-1), { custom: true, prices: {}, setupAmount: 0 });
  writeFileSync(file, JSON.stringify({ ...plans, contactUrl: 'mailto:sales@example.com' }));
  await scene.restart({ MAPPINGS_DIR: folder });
  const { lead } = madeByHand({ x_stripe_setup_amount: 0, x_stripe_recurring_amount: 0 });
  expect(await press(lead)).toMatch(/refused: .* has no price list/);
  odoo().staff.edit('crm.lead', lead, { x_stripe_recurring_amount: 900 });
  expect(await press(lead)).toMatch(/^done: .*900.00 per month/);
});

it('for a plan billed by use too is sent in the currencies that use has prices in, and can be paid', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mappings-'));
  cpSync(new URL('../../mappings', import.meta.url), folder, { recursive: true });
  const file = join(folder, 'plans.json');
  const plans = JSON.parse(readFileSync(file, 'utf8'));
  for (const plan of plans.plans) {
    const prices = Object.fromEntries(Object.keys(plan.prices).map((interval) => [interval, 40_000]));
    const isMetered = plan.key === 'starter';
    plan.currencies = {
      eur: { setupAmount: 90_000, prices, metered: isMetered ? { ai_requests: '2' } : {} },
    };
    if (isMetered)
      plan.metered = [
        {
          key: 'ai_requests',
          name: 'AI requests',
          unit: 'request',
          unitAmount: '1',
          eventName: 'ai_request',
        },
      ];
  }
  writeFileSync(file, JSON.stringify(plans));
  for (const change of await catalogueChanges(scene.stripe, wantedProducts(loadCatalogue(file))))
    await change.apply();
  await scene.restart({ MAPPINGS_DIR: folder });
  const { lead } = madeByHand({ x_stripe_plan: 'starter', x_stripe_currency: 'GBP' });
  expect(await press(lead)).toMatch(/refused: What Starter bills by use has prices in USD, EUR only/);
  odoo().staff.edit('crm.lead', lead, { x_stripe_currency: 'EUR' });
  expect(await press(lead)).toMatch(/^done/);
  const first = await fetch(await mailed(), { redirect: 'manual' });
  const paid = await checkOut(first.headers.get('set-cookie')!.split(';')[0]!, 'M-1');
  expect(paid.status).toBe(303);
  const session = scene.world.systems.stripe.sessions().at(-1)!;
  expect(session.currency).toBe('eur');
});

it('of an opportunity that staff merged meanwhile wins the one that is left', async () => {
  const { lead } = madeByHand({
    x_stripe_plan: 'starter',
    x_stripe_setup_amount: 0,
    x_stripe_recurring_amount: 0,
  });
  expect(await press(lead)).toMatch(/^done/);
  await eventually('the note that shows the way', async () =>
    odoo()
      .records('mail.message')
      .some((each) => each.res_id === lead && String(each.body).includes('Checkout link')),
  );
  const [proposition] = odoo()
    .records('crm.stage')
    .filter(({ name }) => name === 'Proposition');
  const other = odoo().staff.create('crm.lead', {
    name: 'Other',
    type: 'opportunity',
    stage_id: proposition!.id,
  });
  const wizard = await seller.call<number>('crm.merge.opportunity', 'create', {
    vals_list: { opportunity_ids: [[6, 0, [lead, other]]] },
  });
  await seller.call('crm.merge.opportunity', 'action_merge', { ids: [wizard].flat() });
  const first = await fetch(await mailed(), { redirect: 'manual' });
  await checkOut(first.headers.get('set-cookie')!.split(';')[0]!, 'Q-1');
  const { rows } = await scene.db.query<{ id: string }>('select provider_id as id from checkout_sessions');
  scene.world.systems.stripe.payCheckout(rows[0]!.id);
  await runOf(scene.connector, scene.db, rows[0]!.id);
  expect(leads()).toMatchObject([{ id: other }]);
  expect(wonStage(leads()[0]!)).toBe(true);
});

it('whom staff have linked by then is the customer: the person the contact, their company the company, nobody made twice', async () => {
  const { company, lead } = madeByHand({
    x_stripe_plan: 'starter',
    x_stripe_setup_amount: 0,
    x_stripe_recurring_amount: 0,
  });
  odoo().staff.edit('res.partner', company, { ref: 'OH-1' });
  const person = odoo().staff.create('res.partner', {
    name: 'Carla C.',
    parent_id: company,
    email: 'Carla@oldharbour.example',
  });
  const first = odoo().staff.create('res.partner', { name: 'Wrong one', is_company: true });
  odoo().staff.edit('crm.lead', lead, { partner_id: first });
  expect(await press(lead)).toMatch(/^done/);
  odoo().staff.edit('crm.lead', lead, { partner_id: person });
  odoo().staff.delete('res.partner', first);
  const opened = await fetch(await mailed(), { redirect: 'manual' });
  const cookie = opened.headers.get('set-cookie')!.split(';')[0]!;
  await fetch(`${scene.connector.publicUrl}/services/comply/organisation`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      cookie,
      'content-type': 'application/x-www-form-urlencoded',
      origin: scene.connector.publicUrl,
    },
    body: new URLSearchParams({
      action: 'next',
      name: 'Old Harbour NV',
      country: 'BE',
      vat_id: '',
      contact_name: 'Carla Customer',
      contact_email: 'carla@oldharbour.example',
    }),
  });
  await checkOut(cookie, 'L-1');
  const { rows } = await scene.db.query<{ id: string; customer: string }>(
    `select s.provider_id as id, g.provider_customer_id as customer from checkout_sessions s
       join orders o on o.id = s.order_id join organisations g on g.id = o.organisation_id`,
  );
  scene.world.systems.stripe.payCheckout(rows[0]!.id);
  await runOf(scene.connector, scene.db, rows[0]!.id);
  expect([odoo().find('x_stripe_subscription', () => true)?.x_partner_id].flat()[0]).toBe(company);
  expect(
    odoo()
      .records('res.partner')
      .filter(({ email }) => String(email).toLowerCase() === 'carla@oldharbour.example'),
  ).toMatchObject([{ id: person, name: 'Carla C.' }]);
  expect(odoo().read('res.partner', company)).toMatchObject({
    name: 'Old Harbour NV',
    ref: 'OH-1',
    x_stripe_customer_id: rows[0]!.customer,
  });

  // Later merged by staff: their contacts have no external id of ours, and are followed all the same.
  const left = odoo().staff.create('res.partner', { name: 'Harbour Group', is_company: true });
  const admin = createOdoo({
    url: scene.world.urls.odoo,
    db: scene.world.env.ODOO_DB!,
    username: scene.world.env.ODOO_USERNAME!,
    apiKey: scene.world.env.ODOO_API_KEY!,
    transport: 'jsonrpc',
    log: createLog({ level: 'silent' }),
  });
  const [wizard] = await admin.call<number[]>('base.partner.merge.automatic.wizard', 'create', {
    vals_list: [{ partner_ids: [[6, 0, [company, left]]], dst_partner_id: left }],
  });
  await admin.call('base.partner.merge.automatic.wizard', 'action_merge', { ids: [wizard!] });
  const name = externalId.company(1);
  const bound = new Map([[name, company]]);
  const now = () => new Date();
  expect((await stillThere({ db: scene.db, odoo: seller, now }, 'res.partner', bound)).get(name)).toBe(left);
  odoo().staff.edit('crm.lead', lead, { partner_id: false });
  odoo().staff.delete('res.partner', person);
  const contact = new Map([[externalId.mainContact(1), person]]);
  await expect(stillThere({ db: scene.db, odoo: seller, now }, 'res.partner', contact)).rejects.toMatchObject(
    {
      code: 'erp_record_gone',
    },
  );
});
