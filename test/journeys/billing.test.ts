/** The billing API and page of a whole connector: a website's token, a change that reaches Stripe, our records and the ERP. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/connector.ts';
import { openScene, type Scene } from '../support/scene.ts';

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
}, 60_000);
afterAll(() => scene?.close());

it('cancels by a token of the website, and everybody hears of it', async () => {
  const { sessionId } = await scene.buy();
  const { rows } = await scene.db.query<{ organisationId: number; providerId: string }>(
    `select s.organisation_id as "organisationId", s.provider_id as "providerId" from subscriptions s
       join checkout_sessions c on c.order_id = s.order_id where c.provider_id = $1`,
    [sessionId],
  );
  const { organisationId, providerId } = rows[0]!;
  const { token } = await scene.connector.admin.request<{ token: string }>(
    'POST',
    `/organisations/${organisationId}/token`,
  );
  const api = async (method: string, path: string, input?: object) => {
    const answer = await fetch(`${scene.connector.publicUrl}/api/v1/billing${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(input && { body: JSON.stringify(input) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  expect((await api('GET', '/subscription')).body).toMatchObject({
    provider_id: providerId,
    access: 'provisioned',
  });
  expect(
    await api('POST', '/addons/purchase', { addon_key: 'custom_domain', domain: 'harbour.example' }),
  ).toMatchObject({ status: 201 });
  await eventually('staff read which domain is to be set up', async () =>
    scene.world.systems.odoo
      .records('mail.message')
      .some(({ body: note }) =>
        String(note).includes('<b>Add-ons</b>: added Custom domain (harbour.example)'),
      ),
  );
  expect(await api('POST', '/cancel', {})).toMatchObject({
    status: 200,
    body: { cancel_at_period_end: true },
  });
  expect(
    scene.world.systems.stripe.subscriptions().find(({ id }) => id === providerId)!.cancel_at_period_end,
  ).toBe(true);
  await eventually('our record follows', async () => {
    const { body: summary } = await api('GET', '/summary');
    return (summary.subscriptions as { cancel_at_period_end: boolean }[])[0]!.cancel_at_period_end;
  });

  const document = await fetch(`${scene.connector.publicUrl}/openapi.json`);
  expect(await document.json()).toMatchObject({
    openapi: '3.1.0',
    servers: [{ url: scene.connector.publicUrl }],
  });
  expect((await fetch(`${scene.connector.publicUrl}/docs`)).status).toBe(200);
});

it('erases an organisation on request, once nothing of it lives', async () => {
  const { sessionId } = await scene.buy();
  const { rows } = await scene.db.query<{ id: number; name: string }>(
    `select o.id, o.name from organisations o join orders on orders.organisation_id = o.id
       join checkout_sessions c on c.order_id = orders.id where c.provider_id = $1`,
    [sessionId],
  );
  const { id, name } = rows[0]!;
  const { token } = await scene.connector.admin.request<{ token: string }>(
    'POST',
    `/organisations/${id}/token`,
  );
  const remove = async (path: string) => {
    const answer = await fetch(`${scene.connector.publicUrl}/api/v1/billing${path}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
    });
    return { status: answer.status, body: (await answer.json()) as { code?: string; entries?: unknown[] } };
  };
  expect(await remove('/customer')).toMatchObject({ status: 409, body: { code: 'subscription_alive' } });
  expect((await remove('/subscription')).status).toBe(200);
  const report = await eventually('the erasure, once our records know of the end', async () => {
    const answer = await remove('/customer');
    return answer.status === 200 ? answer.body : undefined;
  });
  expect(report.entries!.length).toBeGreaterThan(3);
  const left = await scene.db.query('select 1 from organisations where name = $1', [name]);
  expect(left.rowCount).toBe(0);
  // Stripe keeps no more of it than that it was.
  const kept = scene.world.systems.stripe.customers().filter((each) => each.name === name);
  expect(kept.every((each) => (each as unknown as { deleted?: boolean }).deleted === true)).toBe(true);
});

it('mails the contact a link to the page', async () => {
  const { sessionId } = await scene.buy();
  const { rows } = await scene.db.query<{ email: string; name: string }>(
    `select o.contact_email as email, o.name from organisations o join orders on orders.organisation_id = o.id
       join checkout_sessions c on c.order_id = orders.id where c.provider_id = $1`,
    [sessionId],
  );
  const { email, name } = rows[0]!;
  await fetch(`${scene.connector.publicUrl}/billing/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email }),
  });
  const link = await eventually('the mail', async () => {
    const mails = await scene.world.systems.mail.to(email);
    return mails.map((mail) => /\/billing\/login\/[\w-]{43}/.exec(mail.text ?? '')?.[0]).find(Boolean);
  });
  const click = await fetch(`${scene.connector.publicUrl}${link}`, { method: 'POST', redirect: 'manual' });
  const page = await fetch(`${scene.connector.publicUrl}/billing`, {
    headers: { cookie: click.headers.get('set-cookie')!.split(';')[0]! },
  });
  expect(await page.text()).toContain(name);
});
