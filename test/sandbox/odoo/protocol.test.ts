import { beforeAll, describe, expect, test } from 'vitest';
import { type Client, openOdoo } from './client.ts';

describe.each([17, 18, 19] as const)('JSON-RPC of Odoo %i', (version) => {
  let odoo: Client;
  beforeAll(async () => {
    odoo = await openOdoo(version);
  });

  test('says its version', async () => {
    expect(await odoo.rpc('common', 'version', [])).toMatchObject({
      result: { server_serie: `${version}.0`, server_version_info: [version, 0, 0, 'final', 0, ''] },
    });
  });

  test('authenticates by key and by password; a wrong one is false, not an error', async () => {
    const login = (secret: string) => odoo.rpc('common', 'authenticate', ['sandbox', 'admin', secret, {}]);
    expect(await login('sandbox-admin-key')).toMatchObject({ result: 2 });
    expect(await login('admin')).toMatchObject({ result: 2 });
    expect(await login('guess')).toMatchObject({ result: false });
  });

  test('a wrong key in a call is AccessDenied, an unknown database the database’s complaint', async () => {
    const args = ['sandbox', 2, 'guess', 'res.partner', 'search', [[]]];
    const { error } = await odoo.rpc('object', 'execute_kw', args);
    expect(error).toMatchObject({
      code: version === 19 ? 0 : 200,
      data: { name: 'odoo.exceptions.AccessDenied', message: 'Access Denied' },
    });
    const other = await odoo.rpc('common', 'authenticate', ['nodb', 'admin', 'admin', {}]);
    expect(other.error?.data.name).toBe('psycopg2.OperationalError');
  });

  test('None has neither result nor error', async () => {
    const id = await odoo.call('crm.lead', 'create', [{ name: 'lost one' }]);
    const args = ['sandbox', 2, 'sandbox-admin-key', 'crm.lead', 'action_set_lost', [[id]]];
    expect(await odoo.rpc('object', 'execute_kw', args)).toEqual({ jsonrpc: '2.0', id: 7 });
  });

  test('`execute` takes its arguments in a row', async () => {
    const args = ['sandbox', 2, 'sandbox-admin-key', 'res.partner', 'search_count', [['id', '=', 1]]];
    expect((await odoo.rpc('object', 'execute', args)).result).toBe(1);
  });

  test.each([
    ['unknown model', 'x_nope', 'search', [[]], 'odoo.exceptions.UserError'],
    ['unknown method', 'res.partner', 'frobnicate', [[1]], 'builtins.AttributeError'],
    ['private method', 'res.partner', '_write', [[1], {}], 'odoo.exceptions.AccessError'],
    ['unknown field read', 'res.partner', 'read', [[1], ['nope']], 'builtins.ValueError'],
    ['unknown field created', 'res.partner', 'create', [{ name: 'x', nope: 1 }], 'builtins.ValueError'],
    ['unknown field in a domain', 'res.partner', 'search', [[['nope', '=', 1]]], 'builtins.ValueError'],
    ['bad operator', 'res.partner', 'search', [[['name', 'frob', 1]]], 'builtins.ValueError'],
    ['bad selection', 'res.partner', 'write', [[1], { type: 'zzz' }], 'builtins.ValueError'],
    [
      'ISO datetime',
      'crm.lead',
      'create',
      [{ name: 'x', date_open: '2026-01-01T00:00:00Z' }],
      'builtins.ValueError',
    ],
    ['bad date', 'crm.lead', 'create', [{ name: 'x', date_deadline: '2026-13-01' }], 'builtins.ValueError'],
    ['missing argument', 'res.partner', 'search', [], 'builtins.TypeError'],
    ['missing required value', 'crm.lead', 'create', [{ type: 'lead' }], 'odoo.exceptions.ValidationError'],
    [
      'many2one to nothing',
      'res.partner',
      'write',
      [[1], { country_id: 99999 }],
      'odoo.exceptions.ValidationError',
    ],
    [
      'write of a missing record',
      'res.partner',
      'write',
      [[99999], { name: 'x' }],
      'odoo.exceptions.MissingError',
    ],
    [
      'duplicate login',
      'res.users',
      'create',
      [{ name: 'a', login: 'admin' }],
      'odoo.exceptions.ValidationError',
    ],
    ['partner of a user', 'res.partner', 'unlink', [[3]], 'odoo.exceptions.RedirectWarning'],
  ])('%s', async (_, model, method, args, name) => {
    expect((await odoo.fails(model, method, args)).name).toBe(name);
  });

  test('an unknown argument is a TypeError; a read of a missing record is empty', async () => {
    expect((await odoo.fails('res.partner', 'search', [[]], { frob: 1 })).name).toBe('builtins.TypeError');
    expect(await odoo.call('res.partner', 'read', [[99999], ['name']])).toEqual([]);
  });

  test('a failed call leaves nothing behind', async () => {
    const before = odoo.odoo.count('res.partner');
    const bad = [{ name: 'kept back' }, { name: 'x', type: 'zzz' }];
    await odoo.fails('res.partner', 'create', [bad]);
    expect(odoo.odoo.count('res.partner')).toBe(before);
    expect(odoo.odoo.find('res.partner', ({ name }) => name === 'kept back')).toBeUndefined();
  });

  test('malformed requests are HTML', async () => {
    const post = (body: string, type = 'application/json') =>
      fetch(`${odoo.url}/jsonrpc`, { method: 'POST', headers: { 'content-type': type }, body });
    for (const answer of [await post('{bad'), await post('[]')]) {
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toContain('text/html');
    }
    expect((await post('{}', 'text/plain')).status).toBe(version === 19 ? 415 : 400);
  });

  test('methods that return records differ by version', async () => {
    const id = await odoo.call('crm.lead', 'create', [{ name: 'shapes' }]);
    const message = await odoo.call('crm.lead', 'message_post', [[id]], { body: 'hi' });
    const activity = await odoo.call('crm.lead', 'activity_schedule', [[id]], { summary: 's' });
    if (version === 19) {
      expect([message, activity]).toEqual([[expect.any(Number)], [expect.any(Number)]]);
    } else {
      expect(message).toBeTypeOf('number');
      expect(activity).toMatch(/^mail\.activity\(\d+,\)$/);
    }
  });

  test('create answers a number for a record, a list for a list', async () => {
    expect(await odoo.call('res.partner', 'create', [{ name: 'one' }])).toBeTypeOf('number');
    expect(await odoo.call('res.partner', 'create', [[{ name: 'one' }]])).toEqual([expect.any(Number)]);
  });

  test('only 19 speaks JSON-2', async () => {
    const { status } = await odoo.json2('res.partner/search', { domain: [] });
    expect(status).toBe(version === 19 ? 200 : 404);
  });
});

describe('JSON-2', () => {
  let odoo: Client;
  beforeAll(async () => {
    odoo = await openOdoo();
  });

  test('bare results; a create is always a list', async () => {
    expect(await odoo.json2('res.partner/create', { vals_list: { name: 'a' } })).toMatchObject({
      status: 200,
      body: [expect.any(Number)],
    });
    const id = await odoo.call('res.partner', 'create', [{ name: 'b' }]);
    expect(await odoo.json2('res.partner/action_archive', { ids: [id] })).toMatchObject({
      status: 200,
      body: null,
    });
  });

  test.each([
    ['unknown model', 'x_nope/search', { domain: [] }, 404, 'werkzeug.exceptions.NotFound'],
    ['unknown method', 'res.partner/frob', {}, 404, 'werkzeug.exceptions.NotFound'],
    ['private method', 'res.partner/_write', {}, 403, 'odoo.exceptions.AccessError'],
    ['missing argument', 'res.partner/search', {}, 422, 'werkzeug.exceptions.UnprocessableEntity'],
    [
      'unknown argument',
      'res.partner/search',
      { domain: [], x: 1 },
      422,
      'werkzeug.exceptions.UnprocessableEntity',
    ],
    [
      'ids on a model method',
      'res.partner/search',
      { ids: [1], domain: [] },
      422,
      'werkzeug.exceptions.UnprocessableEntity',
    ],
    [
      'missing record',
      'res.partner/write',
      { ids: [99999], vals: { name: 'x' } },
      404,
      'odoo.exceptions.MissingError',
    ],
    ['required value', 'crm.lead/create', { vals_list: {} }, 422, 'odoo.exceptions.ValidationError'],
    ['unknown field', 'res.partner/read', { ids: [1], fields: ['nope'] }, 500, 'builtins.ValueError'],
    ['malformed body', 'res.partner/search', '{bad', 400, 'werkzeug.exceptions.BadRequest'],
  ])('%s', async (_, path, body, status, name) => {
    expect(await odoo.json2(path, body)).toMatchObject({ status, body: { name } });
  });

  test('keys: 401; other content types and databases: HTML', async () => {
    const search = (headers: Record<string, string>) =>
      odoo.json2('res.partner/search', { domain: [] }, headers);
    expect(await search({ authorization: 'bearer guess' })).toMatchObject({
      status: 401,
      body: { message: 'Invalid apikey' },
    });
    expect(await search({ authorization: '' })).toMatchObject({ status: 401 });
    expect(await search({ 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
      type: 'text/html; charset=utf-8',
    });
    expect(await search({ 'x-odoo-database': 'nodb' })).toMatchObject({
      status: 404,
      type: 'text/html; charset=utf-8',
    });
    expect(
      await search({ 'x-odoo-database': 'sandbox', authorization: 'BEARER sandbox-admin-key' }),
    ).toMatchObject({
      status: 200,
    });
  });
});

describe('XML-RPC', () => {
  test('values there and back, faults by kind, None as a fault', async () => {
    const odoo = await openOdoo(18);
    const value = (inner: string) => `<value>${inner}</value>`;
    const list = (...items: string[]) => `<array><data>${items.map(value).join('')}</data></array>`;
    const post = async (method: string, args: string, secret = 'sandbox-admin-key') => {
      const params = ['sandbox', '<int>2</int>', secret, 'res.partner', method, args];
      const body = `<?xml version="1.0"?><methodCall><methodName>execute_kw</methodName><params>${params
        .map((param) => `<param>${value(param)}</param>`)
        .join('')}</params></methodCall>`;
      return (await fetch(`${odoo.url}/xmlrpc/2/object`, { method: 'POST', body })).text();
    };
    const name = 'Müller &amp; &lt;Söhne&gt;';
    const made = await post(
      'create',
      list(`<struct><member><name>name</name>${value(`<string>${name}</string>`)}</member></struct>`),
    );
    const id = Number(/<int>(\d+)<\/int>/.exec(made)?.[1]);
    expect(odoo.odoo.read('res.partner', id)?.name).toBe('Müller & <Söhne>');
    const read = await post('read', list(list(`<int>${id}</int>`), list('name', 'parent_id', 'active')));
    expect(read).toContain(`<string>${name}</string>`);
    expect(read).toContain('<boolean>0</boolean>');
    expect(await post('read', list(list('<int>1</int>')), 'guess')).toContain('<int>3</int>');
    expect(await post('frobnicate', list(list()))).toMatch(/<int>1<\/int>[\s\S]*AttributeError: /);
    expect(await post('action_archive', list(list(`<int>${id}</int>`)))).toContain('cannot marshal None');
    expect(odoo.odoo.read('res.partner', id)?.active).toBe(false);
  });
});
