import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startTestWorld } from '../../support/sandbox.ts';
import { addUser, openOdoo } from './client.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandbox-odoo-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what was changed outlives the process; ids are not used twice', async () => {
  const first = await startTestWorld({ folder });
  const { staff } = first.systems.odoo;
  const kept = staff.create('res.partner', { name: 'Kept' });
  const gone = staff.create('res.partner', { name: 'Gone' });
  staff.delete('res.partner', gone);
  staff.edit('res.partner', 1, { name: 'Renamed company' });
  staff.create('ir.model', { name: 'Own', model: 'x_own' });
  const own = staff.create('x_own', { x_name: 'mine' });
  const uuid = first.systems.odoo.find('ir.config_parameter', ({ key }) => key === 'database.uuid');
  await first.stop();

  const second = (await startTestWorld({ folder })).systems.odoo;
  expect(second.read('res.partner', kept)).toMatchObject({ name: 'Kept' });
  expect(second.read('res.partner', gone)).toBeUndefined();
  expect(second.read('res.partner', 1)).toMatchObject({ name: 'Renamed company' });
  expect(second.read('x_own', own)).toMatchObject({ x_name: 'mine' });
  expect(second.find('ir.config_parameter', ({ key }) => key === 'database.uuid')).toEqual(uuid);
  expect(second.staff.create('res.partner', { name: 'Next' })).toBeGreaterThan(gone);
});

test('another world is another database', async () => {
  const uuids = await Promise.all(
    [1, 2].map(async () => {
      const { odoo } = await openOdoo();
      return odoo.find('ir.config_parameter', ({ key }) => key === 'database.uuid')?.value;
    }),
  );
  expect(new Set(uuids).size).toBe(2);
});

test('staff merge contacts: relations and external ids follow', async () => {
  const odoo = await openOdoo();
  const { staff } = odoo.odoo;
  await odoo.call('res.partner', 'load', [['id', 'name'], [['t.from', 'From']]]);
  const from = odoo.odoo.byXmlid('t.from')!.id;
  const into = staff.create('res.partner', { name: 'Into' });
  const child = staff.create('res.partner', { name: 'Child', parent_id: from });
  const lead = staff.create('crm.lead', { name: 'Deal', partner_id: from });
  staff.mergePartners(from, into);
  expect(odoo.odoo.byXmlid('t.from')?.id).toBe(into);
  expect(odoo.odoo.read('res.partner', child)?.parent_id).toEqual([into, 'Into']);
  expect(odoo.odoo.read('crm.lead', lead)?.partner_id).toEqual([into, 'Into']);
  expect(odoo.odoo.read('res.partner', from)).toBeUndefined();
});

test('staff archive a record and a user', async () => {
  const odoo = await openOdoo();
  const user = addUser(odoo, 'leaver', []);
  const id = odoo.odoo.find('res.users', ({ login }) => login === 'leaver')!.id;
  odoo.odoo.staff.archiveUser(id);
  expect((await user.fails('res.partner', 'search', [[]])).name).toBe('odoo.exceptions.AccessDenied');
  const partner = odoo.odoo.staff.create('res.partner', { name: 'Sleeps' });
  odoo.odoo.staff.archive('res.partner', partner);
  expect(await odoo.call('res.partner', 'search', [[['name', '=', 'Sleeps']]])).toEqual([]);
  odoo.odoo.staff.unarchive('res.partner', partner);
  expect(await odoo.call('res.partner', 'search', [[['name', '=', 'Sleeps']]])).toEqual([partner]);
});

test('calls are counted by model and method, over every transport', async () => {
  const world = await startTestWorld();
  const { url, call } = {
    url: world.urls.odoo,
    call: JSON.stringify({ params: { service: 'common', method: 'version', args: [] } }),
  };
  const headers = { 'content-type': 'application/json', authorization: 'bearer sandbox-admin-key' };
  await fetch(`${url}/jsonrpc`, { method: 'POST', headers, body: call });
  const args = ['sandbox', 2, 'sandbox-admin-key', 'res.partner', 'search', [[]]];
  const params = { service: 'object', method: 'execute_kw', args };
  await fetch(`${url}/jsonrpc`, { method: 'POST', headers, body: JSON.stringify({ params }) });
  await fetch(`${url}/json/2/res.partner/search`, { method: 'POST', headers, body: '{"domain":[]}' });
  const value = (text: string) => `<param><value><string>${text}</string></value></param>`;
  const xml = `<methodCall><methodName>execute_kw</methodName><params>${['sandbox', '2', 'k', 'res.partner', 'search'].map(value).join('')}</params></methodCall>`;
  await fetch(`${url}/xmlrpc/2/object`, { method: 'POST', body: xml });
  expect(world.counts.of('odoo', 'common.version')).toBe(1);
  expect(world.counts.of('odoo', 'res.partner.search')).toBe(3);
});
