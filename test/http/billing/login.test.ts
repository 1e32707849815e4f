/** A customer gets in by the link of a mail, and nobody else by anything else. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hashToken } from '../../../connector/secrets/token.ts';
import { eventually } from '../../support/connector.ts';
import { type BillingScene, startBilling } from './scene.ts';

const lines: string[] = [];
let scene: BillingScene;
beforeAll(async () => {
  scene = await startBilling({ lines });
});
afterAll(() => scene?.stop());

let visitors = 0;
/** One browser at an address of its own, or at a given one. */
function browser(address = `203.0.113.${++visitors}`) {
  let cookie: string | undefined;
  return async (method: 'GET' | 'POST', path: string, form?: Record<string, string>, headers = {}) => {
    const answer = await fetch(`${scene.api}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        'x-forwarded-for': address,
        ...(cookie !== undefined && { cookie }),
        ...(method === 'POST' && {
          'sec-fetch-site': 'same-origin',
          'content-type': 'application/x-www-form-urlencoded',
        }),
        ...headers,
      },
      ...(form && { body: new URLSearchParams(form).toString() }),
    });
    const set = answer.headers.get('set-cookie');
    if (set !== null) cookie = set.split(';')[0];
    return { status: answer.status, headers: answer.headers, text: await answer.text(), setCookie: set };
  };
}

const contactOf = async (organisationId: number): Promise<string> =>
  (
    await scene.db.query<{ email: string }>(
      'select contact_email as email from organisations where id = $1',
      [organisationId],
    )
  ).rows[0]!.email;

const mailsTo = (address: string) => scene.world.systems.mail.to(address);

async function linkFor(address: string, count = 1): Promise<string> {
  const mails = await eventually(`mail ${count} to ${address}`, async () => {
    const found = await mailsTo(address);
    return found.length >= count && found;
  });
  const links = mails.map((mail) => /\/billing\/login\/([\w-]{43})/.exec(mail.text)![1]!);
  return `/billing/login/${links.at(-1)}`;
}

it('logs the organisation’s contact in by a click, once, and shows nobody else’s billing', async () => {
  const customer = await scene.customer();
  const other = await scene.customer();
  const address = await contactOf(customer.organisationId);
  const visit = browser();
  expect((await visit('GET', '/billing')).text).toContain('name="email"');
  const asked = await visit('POST', '/billing/login', { email: address.toUpperCase() });
  expect(asked.status).toBe(200);
  const link = await linkFor(address);

  // A mail scanner looks, again and again: nothing is used up, nobody is let in.
  for (let look = 0; look < 3; look += 1) {
    const page = await visit('GET', link);
    expect(page).toMatchObject({ status: 200, setCookie: null });
  }
  const click = await visit('POST', link);
  expect(click.status).toBe(303);
  expect(click.setCookie).toMatch(
    /^billing=org\.[^;]+; Max-Age=3600; Path=\/billing; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
  );
  const page = await visit('GET', '/billing');
  expect(page.text).toContain(`data-subscription="${customer.subscriptionId}"`);
  expect(page.text).not.toContain(`data-subscription="${other.subscriptionId}"`);

  expect((await browser()('POST', link)).status).toBe(410);
  expect((await browser()('GET', link)).status).toBe(410);
  const kept = await scene.db.query<{ hash: string; sealed: string | null }>(
    "select token_hash as hash, sealed from links where kind = 'billing' and organisation_id = $1",
    [customer.organisationId],
  );
  const token = link.split('/').at(-1)!;
  expect(kept.rows).toEqual([{ hash: hashToken(token), sealed: null }]);
  expect(lines.join('')).not.toContain(token);
});

it('says the same to an address nobody has, and mails nothing', async () => {
  const customer = await scene.customer();
  const known = await browser()('POST', '/billing/login', {
    email: await contactOf(customer.organisationId),
  });
  const stranger = await browser()('POST', '/billing/login', { email: 'nobody@stranger.example' });
  expect(stranger.status).toBe(known.status);
  expect(stranger.text).toBe(known.text);
  await linkFor(await contactOf(customer.organisationId));
  expect(await mailsTo('nobody@stranger.example')).toEqual([]);
});

it('mails nobody who only typed an order: the address of a contact counts once something was bought', async () => {
  await scene.post({
    plan: 'starter',
    interval: 'month',
    organisation: {
      name: 'Never Paid Ltd',
      country: 'GB',
      contact_name: 'Nora',
      contact_email: 'nora@never-paid.example',
    },
    project: { name: 'P', code: 'P' },
    stakeholders: [{ name: 'Nora', email: 'nora@never-paid.example', role: 'information_manager' }],
  });
  const customer = await scene.customer();
  const address = await contactOf(customer.organisationId);
  await browser()('POST', '/billing/login', { email: 'nora@never-paid.example' });
  await browser()('POST', '/billing/login', { email: address });
  await linkFor(address);
  expect(await mailsTo('nora@never-paid.example')).toEqual([]);
});

it('fills no mailbox: three links in a quarter of an hour, then none', async () => {
  const customer = await scene.customer();
  const address = await contactOf(customer.organisationId);
  for (let ask = 0; ask < 5; ask += 1) await browser()('POST', '/billing/login', { email: address });
  await eventually(
    'the fourth and fifth wish are turned down',
    async () =>
      lines.filter(
        (line) =>
          line.includes('enough billing links') &&
          line.includes(`"organisationId":${customer.organisationId}`),
      ).length === 2,
  );
  await linkFor(address, 3);
  expect(await mailsTo(address)).toHaveLength(3);
});

it('is asked only so often from one address', async () => {
  const visit = browser('198.51.100.7');
  const statuses: number[] = [];
  for (let ask = 0; ask < 6; ask += 1)
    statuses.push((await visit('POST', '/billing/login', { email: 'many@stranger.example' })).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
});

it('lets an old link expire', async () => {
  const customer = await scene.customer();
  const address = await contactOf(customer.organisationId);
  await browser()('POST', '/billing/login', { email: address });
  const link = await linkFor(address);
  await scene.db.query('update links set expires_at = $2 where organisation_id = $1', [
    customer.organisationId,
    scene.deps.now(),
  ]);
  expect((await browser()('GET', link)).status).toBe(410);
  expect((await browser()('POST', link)).status).toBe(410);
});

it('takes no form from another site, and no session that has ended', async () => {
  const customer = await scene.customer();
  const foreign = { 'sec-fetch-site': 'cross-site', cookie: `billing=${customer.token}` };
  const form = { subscription: String(customer.subscriptionId) };
  expect((await browser()('POST', '/billing/cancel', form, foreign)).status).toBe(403);
  const ended = { cookie: `billing=${scene.token(customer.organisationId, -1)}` };
  expect((await browser()('POST', '/billing/cancel', form, ended)).status).toBe(401);
  const row = await scene.row(customer.subscriptionId);
  expect(row.cancel_at_period_end).toBe(false);
  expect(
    (await browser()('POST', '/billing/login', { email: 'a@b.example' }, { 'sec-fetch-site': 'cross-site' }))
      .status,
  ).toBe(403);
});

it('says beside the field what is wrong with an address, and sends nothing', async () => {
  const visit = browser();
  for (const form of [{ email: 'no address' }, { mail: 'ada@bridges.example' }, {}]) {
    const { status, text } = await visit('POST', '/billing/login', form);
    expect(status).toBe(422);
    expect(text).toContain('<p class="error" id="email-error">This is not a complete e-mail address.</p>');
  }
});

it('lets nobody in by a click on another site', async () => {
  const customer = await scene.customer();
  const address = await contactOf(customer.organisationId);
  await browser()('POST', '/billing/login', { email: address });
  const link = await linkFor(address);
  const elsewhere = await browser()('POST', link, undefined, { 'sec-fetch-site': 'cross-site' });
  expect([elsewhere.status, elsewhere.setCookie]).toEqual([403, null]);
  expect((await browser()('POST', link)).status).toBe(303);
});

it('takes JSON too, and says what is wrong with an address', async () => {
  const send = (body: unknown) =>
    fetch(`${scene.api}/billing/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.200' },
      body: JSON.stringify(body),
    });
  const good = await send({ email: 'nobody@stranger.example' });
  expect([good.status, await good.json()]).toEqual([202, { accepted: true }]);
  const bad = await send({ email: 'no address' });
  expect(await bad.json()).toMatchObject({ status: 422, errors: [{ pointer: '/email', code: 'email' }] });
});
