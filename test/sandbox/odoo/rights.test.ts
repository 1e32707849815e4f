import { beforeAll, describe, expect, test } from 'vitest';
import { addUser, type Client, openOdoo } from './client.ts';

describe.each([18, 19] as const)('rights in Odoo %i', (version) => {
  const groups = version === 19 ? 'group_ids' : 'groups_id';
  let odoo: Client;
  let service: Client;
  let plain: Client;
  let portal: Client;
  beforeAll(async () => {
    odoo = await openOdoo(version);
    service = addUser(odoo, 'service', [
      'sales_team.group_sale_salesman_all_leads',
      'base.group_partner_manager',
    ]);
    plain = addUser(odoo, 'plain', []);
    portal = addUser(odoo, 'portal', ['base.group_portal']);
  });

  test('a sales and contacts user makes customers and opportunities, and nothing else', async () => {
    const partner = await service.call('res.partner', 'create', [{ name: 'Customer' }]);
    const lead = await service.call<number>('crm.lead', 'create', [{ name: 'Deal', partner_id: partner }]);
    expect(await service.call('crm.lead', 'action_set_won', [[lead]])).toBe(true);
    for (const [model, method, args] of [
      ['ir.model', 'search', [[]]],
      ['ir.model.data', 'search', [[]]],
      ['res.users', 'create', [{ name: 'x', login: 'x' }]],
      ['res.users', 'write', [[2], { name: 'x' }]],
      ['ir.config_parameter', 'get_param', ['database.uuid']],
      ['ir.actions.server', 'search', [[]]],
      ['crm.lead', 'unlink', [[lead]]],
    ] as const)
      expect((await service.fails(model, method, [...args])).name, `${model}.${method}`).toBe(
        'odoo.exceptions.AccessError',
      );
  });

  test('the refusal names the groups that may', async () => {
    const { message } = await plain.fails('crm.lead', 'create', [{ name: 'x' }]);
    expect(message).toContain('You are not allowed to create');
    expect(message).toContain('\t- Sales/Administrator\n\t- Sales/User: Own Documents Only');
  });

  test('everybody may ask for an external id of a model they read', async () => {
    expect(await plain.call('ir.model.data', 'check_object_reference', ['base', 'user_admin'])).toEqual([
      'res.users',
      2,
    ]);
    expect(
      (await plain.fails('ir.model.data', 'check_object_reference', ['base', 'model_res_partner'])).name,
    ).toBe('odoo.exceptions.AccessError');
  });

  test('portal users see themselves', async () => {
    expect(await portal.call<unknown[]>('res.partner', 'search', [[]])).toHaveLength(1);
    expect((await portal.fails('res.partner', 'read', [[1], ['name']])).name).toBe(
      'odoo.exceptions.AccessError',
    );
    expect((await portal.fails('crm.lead', 'search', [[]])).name).toBe('odoo.exceptions.AccessError');
  });

  test('probes answer instead of refusing', async () => {
    expect(await plain.call('crm.lead', 'check_access_rights', ['write'], { raise_exception: false })).toBe(
      false,
    );
    expect(await service.call('crm.lead', 'has_access', [[], 'write'])).toBe(true);
  });

  test('a file is as open as its record', async () => {
    const lead = await odoo.call('crm.lead', 'create', [{ name: 'With file' }]);
    const file = { name: 'a.pdf', datas: 'JVBERi0xLjQK', res_model: 'crm.lead', res_id: lead };
    const id = await service.call<number>('ir.attachment', 'create', [file]);
    expect(odoo.odoo.read('ir.attachment', id)).toMatchObject({ mimetype: 'application/pdf', file_size: 9 });
    expect((await plain.fails('ir.attachment', 'read', [[id], ['datas']])).name).toBe(
      'odoo.exceptions.AccessError',
    );
    expect((await plain.fails('ir.attachment', 'create', [file])).name).toBe('odoo.exceptions.AccessError');
  });

  test('users: type by group, one type only, archived ones locked out', async () => {
    const create = (values: object) =>
      odoo.call<number>('res.users', 'create', [values], { context: { no_reset_password: true } });
    const [user, portalGroup] = [1, 10];
    const id = await create({
      name: 'P',
      login: 'p@x.example',
      password: 'secret',
      [groups]: [[6, 0, [portalGroup]]],
    });
    expect(odoo.odoo.read('res.users', id)).toMatchObject({ share: true });
    expect(odoo.odoo.read('res.users', await create({ name: 'I', login: 'i@x.example' }))).toMatchObject({
      share: false,
    });
    const both = { name: 'B', login: 'b', [groups]: [[6, 0, [user, portalGroup]]] };
    expect((await odoo.fails('res.users', 'create', [both])).name).toBe('odoo.exceptions.ValidationError');
    await odoo.call('res.users', 'write', [[id], { active: false }]);
    const login = await odoo.rpc('common', 'authenticate', ['sandbox', 'p@x.example', 'secret', {}]);
    expect(login.result).toBe(false);
  });

  test('without no_reset_password a new user is invited', async () => {
    const before = odoo.odoo.invitations().length;
    await odoo.call('res.users', 'create', [{ name: 'Q', login: 'q', email: 'q@x.example' }]);
    expect(odoo.odoo.invitations().slice(before)).toMatchObject([{ email: 'q@x.example' }]);
  });
});

test('a right made by itself is not seen by its maker’s creates until it is written again', async () => {
  const odoo = await openOdoo();
  const field = { name: 'x_name', field_description: 'Name', ttype: 'char' };
  const model = await odoo.call('ir.model', 'create', [
    { name: 'Late', model: 'x_late', field_id: [[0, 0, field]] },
  ]);
  const access = { name: 'late', model_id: model, group_id: 1, perm_read: true, perm_create: true };
  const id = await odoo.call('ir.model.access', 'create', [access]);
  expect((await odoo.fails('x_late', 'create', [{ x_name: 'a' }])).name).toBe('odoo.exceptions.AccessError');
  await odoo.call('ir.model.access', 'write', [[id], { perm_read: true }]);
  expect(await odoo.call('x_late', 'create', [{ x_name: 'a' }])).toBe(1);
});
