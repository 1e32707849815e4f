import { beforeAll, expect, test } from 'vitest';
import { type Client, openOdoo } from './client.ts';

let odoo: Client;
beforeAll(async () => {
  odoo = await openOdoo();
});

const get = async (path: string, from = odoo) => {
  const response = await fetch(new URL(path, from.url));
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const post = async (path: string, form: Record<string, string>, to = odoo) => {
  const response = await fetch(new URL(path, to.url), { method: 'POST', body: new URLSearchParams(form) });
  return { status: response.status, text: await response.text() };
};
test('the overview and each record are readable, whatever customers call themselves', async () => {
  const evil = '<script>alert(1)</script>"\'&';
  const partner = odoo.odoo.staff.create('res.partner', { name: evil, is_company: true });
  const lead = odoo.odoo.staff.create('crm.lead', {
    name: evil,
    partner_id: partner,
    expected_revenue: 3500,
  });
  await odoo.call('crm.lead', 'message_post', [[lead]], {
    body: '<b>noted</b><script>alert(2)</script>',
    body_is_html: true,
  });
  await odoo.call('crm.lead', 'activity_schedule', [[lead]], { summary: evil, note: '<p>look</p>' });
  await odoo.call('ir.attachment', 'create', [
    { name: evil, datas: 'aGk=', res_model: 'crm.lead', res_id: lead },
  ]);
  for (const path of ['/', `/odoo/crm.lead/${lead}`, `/odoo/res.partner/${partner}`, '/odoo/crm.lead']) {
    const page = await get(path);
    expect(page.status, path).toBe(200);
    expect(page.text, path).toContain('&lt;script&gt;alert(1)');
    expect(page.text, path).not.toContain('<script');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  }
  const page = await get(`/odoo/crm.lead/${lead}`);
  for (const text of ['<b>noted</b>', 'Activities', '3500.00', 'Opportunity Created'])
    expect(page.text).toContain(text);
});

test('secrets are on no page', async () => {
  const text = (await get('/odoo/res.users/2')).text + (await get('/odoo/res.users.apikeys/1')).text;
  expect(text).toContain('Administrator');
  expect(text).not.toMatch(/sandbox-admin-key|[0-9a-f]{64}/);
});

test('files open for staff; elsewhere only with their token', async () => {
  const id = await odoo.call<number>('ir.attachment', 'create', [{ name: 'a.pdf', datas: 'JVBERi0xLjQK' }]);
  const file = await get(`/odoo/ir.attachment/${id}/file`);
  expect([file.status, file.headers.get('content-type'), file.text]).toEqual([
    200,
    'application/pdf',
    '%PDF-1.4\n',
  ]);
  expect((await get(`/web/content/${id}`)).status).toBe(404);
  const [token] = await odoo.call<string[]>('ir.attachment', 'generate_access_token', [[id]]);
  expect((await get(`/web/content/${id}?access_token=${token}`)).status).toBe(200);
});

test('what is not there is 404', async () => {
  for (const path of [
    '/nope',
    '/odoo/x_nope',
    '/odoo/crm.lead/9999',
    '/odoo/crm.lead/abc',
    '/web/content/999',
  ])
    expect((await get(path)).status, path).toBe(404);
});

test('a set-password link sets the password once, and dies at the first login', async () => {
  const erp = await openOdoo(17);
  const user = erp.odoo.staff.createPortalUser({ login: 'new@example.com', name: 'New' });
  const [partner] = erp.odoo.read('res.users', user)!.partner_id as [number];
  await erp.call('res.partner', 'signup_prepare', [[partner]], { signup_type: 'reset' });
  const [row] = await erp.call<{ signup_url: string }[]>('res.partner', 'read', [[partner], ['signup_url']]);
  const url = new URL(row!.signup_url);
  const link = url.pathname + url.search;
  const token = url.searchParams.get('token')!;
  const submit = async (password: string, repeated = password) =>
    (await post('/web/reset_password', { token, password, confirm_password: repeated }, erp)).text;
  const login = async (password: string) =>
    (await erp.rpc('common', 'authenticate', ['sandbox', 'new@example.com', password, {}])).result;

  expect((await get(link)).text, 'of another database').toContain('not valid any more');
  expect((await get(link, erp)).text).toContain('name="confirm_password"');
  expect(await submit('good', 'other')).toContain('do not match');
  expect(await submit('good')).toContain('logged in as');
  expect(await login('good')).toBe(user);
  expect((await get(link, erp)).text).toContain('not valid any more');
  expect(await submit('late')).toContain('not valid any more');
  expect(await login('late')).toBe(false);
});

test('the login page', async () => {
  odoo.odoo.staff.createInternalUser({ login: 'staff', password: 'secret', name: 'Staff' });
  expect((await get('/web/login?login=staff')).text).toContain('value="staff"');
  expect((await post('/web/login', { login: 'staff', password: 'no' })).text).toContain(
    'Wrong login/password',
  );
  expect((await post('/web/login', { login: 'staff', password: 'secret' })).text).toContain('Welcome, Staff');
});
