import { beforeAll, expect, test } from 'vitest';
import { addUser, type Client, openOdoo } from './client.ts';

let odoo: Client;
let service: Client;
let plain: Client;

beforeAll(async () => {
  odoo = await openOdoo();
  service = addUser(odoo, 'service', ['base.group_partner_manager']);
  plain = addUser(odoo, 'plain', []);
});

const install = (code: string, groups: readonly number[] = []) =>
  odoo.call<number>('ir.actions.server', 'create', [
    {
      name: 'action',
      state: 'code',
      code,
      model_id: odoo.odoo.byXmlid('base.model_res_partner')?.id,
      group_ids: [[6, 0, groups]],
    },
  ]);
const CONTACTS = 9;
const run = <T>(client: Client, id: number, ids: number[], values: object = {}) =>
  client.call<{ infos: T }>('ir.actions.server', 'run', [[id]], {
    context: { active_model: 'res.partner', active_ids: ids, active_id: ids[0], stripe_connector: values },
  });

test('code the sandbox has no counterpart of is refused with a clear error', async () => {
  const id = await install('action = {}');
  const { name, message } = await odoo.fails('ir.actions.server', 'run', [[id]]);
  expect(name).toBe('builtins.NotImplementedError');
  expect(message).toContain('runs no Python');
});

test('an action without code does nothing; brackets must match', async () => {
  const id = await install('# nothing yet');
  expect(await odoo.call('ir.actions.server', 'run', [[id]])).toBe(false);
  const bad = { name: 'b', state: 'code', code: 'x = (', model_id: 1 };
  expect((await odoo.fails('ir.actions.server', 'create', [bad])).message).toContain('SyntaxError');
});

test('its groups decide who runs it; nobody but administrators sees or changes it', async () => {
  const id = await install('# stripe_connector: identify', [CONTACTS]);
  const identity = await run<{ database_uuid: string }>(service, id, []);
  expect(identity.infos.database_uuid).toMatch(/^[0-9a-f-]{36}$/);
  expect((await plain.fails('ir.actions.server', 'run', [[id]])).name).toBe('odoo.exceptions.AccessError');
  expect((await service.fails('ir.actions.server', 'read', [[id], ['code']])).name).toBe(
    'odoo.exceptions.AccessError',
  );
  expect((await service.fails('ir.actions.server', 'write', [[id], { code: '' }])).name).toBe(
    'odoo.exceptions.AccessError',
  );
  expect(await odoo.call('ir.actions.actions', 'read', [[id], ['name', 'type']])).toEqual([
    { id, name: 'action', type: 'ir.actions.server' },
  ]);
});

test('portal users: made once, and only for people the ERP does not know', async () => {
  const id = await install('# stripe_connector: portal_users', [CONTACTS]);
  const contact = (name: string, email: string | false) =>
    odoo.odoo.staff.create('res.partner', { name, email });
  const grant = async (partner: number) => {
    const { infos } = await run<{ users: Record<string, unknown>[] }>(service, id, [partner]);
    return infos.users[0];
  };
  const ada = contact('Ada', 'Ada <ADA@example.com>');
  expect(await grant(ada)).toMatchObject({ outcome: 'created', login: 'ada@example.com' });
  expect(await grant(ada)).toMatchObject({ outcome: 'already_ours', user_id: expect.any(Number) });
  expect(await grant(contact('Nobody', false))).toMatchObject({
    outcome: 'needs_staff',
    reason: 'no_valid_email',
  });
  expect(await grant(contact('Admin', 'admin@example.com'))).toMatchObject({
    reason: 'internal_or_archived_user',
  });
  odoo.odoo.staff.createPortalUser({ login: 'other@example.com' });
  expect(await grant(contact('Other', 'OTHER@example.com'))).toMatchObject({
    outcome: 'needs_acceptance',
    reason: 'portal_user_of_somebody_else',
  });
  expect(await grant(contact('Ada again', 'ada@example.com'))).toMatchObject({
    reason: 'portal_user_of_another_customer',
  });
  expect(odoo.odoo.invitations()).toEqual([]);
});

test('a new key ends the earlier ones, and runs out', async () => {
  const user = odoo.odoo.find('res.users', ({ login }) => login === 'service')!.id;
  const id = await install('# stripe_connector: mint_key');
  const mint = async (days: number) =>
    (await run<{ key: string }>(odoo, id, [], { user_id: user, days })).infos.key;
  const [first, second] = [await mint(10), await mint(10)];
  const works = async (key: string) =>
    (await odoo.rpc('common', 'authenticate', ['sandbox', 'service', key, {}])).result === user;
  expect([await works(first), await works(second)]).toEqual([false, true]);
  expect(await works(await mint(-1))).toBe(false);
  expect(JSON.stringify(odoo.odoo.records('res.users.apikeys'))).not.toContain(second);
});

test('a unique index refuses a second record', async () => {
  const index = await install('# stripe_connector: unique_index');
  const access = { name: 'a', group_id: 1, perm_read: true, perm_create: true };
  for (const [model, key] of [
    ['x_stripe_subscription', 'x_stripe_id'],
    ['x_stripe_request', 'x_request'],
  ]) {
    const fields = ['x_name', key].map((name) => [0, 0, { name, ttype: 'char', field_description: name }]);
    await odoo.call('ir.model', 'create', [
      { name: model, model, field_id: fields, access_ids: [[0, 0, access]] },
    ]);
  }
  const create = { x_name: 's', x_stripe_id: 'sub_1' };
  await odoo.call('x_stripe_subscription', 'create', [create]);
  for (let time = 0; time < 2; time += 1) expect((await run(odoo, index, [])).infos).toEqual({ done: true });
  const { name, message } = await odoo.fails('x_stripe_subscription', 'create', [create]);
  expect(name).toBe('odoo.exceptions.ValidationError');
  expect(message).toContain('duplicate key value violates unique constraint');
  await odoo.call('x_stripe_subscription', 'create', [{ x_name: 'without' }]);
  await odoo.call('x_stripe_subscription', 'create', [{ x_name: 'without' }]);
});
