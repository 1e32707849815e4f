import { beforeAll, describe, expect, test } from 'vitest';
import type { ConnectorError } from '../../../connector/errors.ts';
import { createLog } from '../../../connector/log.ts';
import { createOdoo } from '../../../connector/odoo/odoo.ts';
import { type Erp, openErp, unique } from './erp.ts';

let erp: Erp;
beforeAll(async () => {
  erp = await openErp();
});

/** The error a promise fails with. */
const failure = async (promise: Promise<unknown>): Promise<ConnectorError> => {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeDefined();
  return thrown as ConnectorError;
};

const everyTransport = (
  name: string,
  body: (erp: Erp, transport: 'json2' | 'jsonrpc' | 'xmlrpc') => Promise<void>,
) =>
  test(name, async () => {
    for (const transport of erp.transports) await body(erp, transport);
  });

describe('version and login', () => {
  test('tells a supported version', async () => {
    const version = await erp.admin.version();
    expect(version.major).toBeGreaterThanOrEqual(17);
    expect(version.text).toContain(String(version.major));
  });

  everyTransport(
    'the administrator reads its own company',
    async ({ as, adminLogin, adminKey }, transport) => {
      const company = await as(adminLogin, adminKey, transport).xmlidToRes('base', 'main_company');
      expect(company?.model).toBe('res.company');
      expect(company?.id).toBeTypeOf('number');
    },
  );

  everyTransport('a wrong key is refused, and not quoted', async ({ as, adminLogin }, transport) => {
    const key = unique('not-a-key');
    const error = await failure(
      as(adminLogin, key, transport).call('res.partner', 'search', { domain: [], limit: 1 }),
    );
    expect(error).toMatchObject({ kind: 'permanent', code: 'odoo_authentication', system: 'odoo' });
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(
      key,
    );
  });

  test('a database that does not exist is told apart from a wrong key', async () => {
    const odoo = createOdoo({
      url: erp.url,
      db: 'no_such_database',
      username: erp.adminLogin,
      apiKey: erp.adminKey,
      transport: 'jsonrpc',
      log: createLog({ level: 'silent' }),
    });
    const error = await failure(odoo.call('res.partner', 'search', { domain: [] }));
    expect(error.code).toBe('odoo_database_unreachable');
    expect(error.advice).toContain('ODOO_DB');
  });
});

describe('errors, by the table', () => {
  const cases: readonly [
    name: string,
    model: string,
    method: string,
    args: Record<string, unknown>,
    code: string[],
  ][] = [
    [
      'unknown field',
      'res.partner',
      'search_read',
      { domain: [], fields: ['nope_field'] },
      ['odoo_bad_call'],
    ],
    ['unknown model', 'x_nope', 'search', { domain: [] }, ['odoo_not_found', 'odoo_refused']],
    ['unknown method', 'res.partner', 'nope', {}, ['odoo_not_found', 'odoo_bad_call']],
    ['private method', 'res.partner', '_write', { ids: [1], vals: {} }, ['odoo_access']],
    [
      'constraint',
      'res.partner',
      'create',
      { vals_list: [{ email: 'x@example.com' }] },
      ['odoo_validation', 'odoo_refused'],
    ],
    [
      'bad selection',
      'res.partner',
      'create',
      { vals_list: [{ name: 'x', type: 'zzz' }] },
      ['odoo_bad_call'],
    ],
    [
      'bad date',
      'crm.lead',
      'create',
      { vals_list: [{ name: 'x', date_closed: '2026-01-01T00:00:00Z' }] },
      ['odoo_bad_call'],
    ],
  ];
  for (const [name, model, method, args, codes] of cases) {
    everyTransport(name, async ({ as, adminLogin, adminKey }, transport) => {
      const error = await failure(as(adminLogin, adminKey, transport).call(model, method, args));
      expect(codes).toContain(error.code);
      expect(error.kind).toBe('permanent');
      expect(error.advice).toBeTypeOf('string');
    });
  }

  everyTransport('a write on a missing record', async ({ as, adminLogin, adminKey }, transport) => {
    const write = as(adminLogin, adminKey, transport).call('res.partner', 'write', {
      ids: [999_999_999],
      vals: { name: 'x' },
    });
    const error = await failure(write);
    // XML-RPC has one fault for all of Odoo's own refusals.
    expect(error.code).toBe(transport === 'xmlrpc' ? 'odoo_refused' : 'odoo_missing');
  });

  everyTransport('reading a missing record is no error', async ({ as, adminLogin, adminKey }, transport) => {
    const odoo = as(adminLogin, adminKey, transport);
    expect(await odoo.call('res.partner', 'read', { ids: [999_999_999], fields: ['name'] })).toEqual([]);
  });

  test('nobody listening: unreachable, and no effect', async () => {
    const odoo = createOdoo({
      url: 'http://127.0.0.1:9',
      db: 'x',
      username: 'x',
      apiKey: 'secret-key',
      transport: 'jsonrpc',
      log: createLog({ level: 'silent' }),
    });
    const error = await failure(odoo.call('res.partner', 'create', { vals_list: [{ name: 'x' }] }));
    expect(error).toMatchObject({
      kind: 'retryable',
      code: 'odoo_unreachable',
      unreachable: true,
      effectUnknown: false,
    });
  });
});

describe('answers in one shape', () => {
  everyTransport(
    'create gives ids, message_post a number, None is null',
    async ({ as, adminLogin, adminKey }, transport) => {
      const odoo = as(adminLogin, adminKey, transport);
      const ids = await odoo.call<number[]>('crm.lead', 'create', { vals_list: [{ name: unique('lead') }] });
      erp.tidy('crm.lead', ids);
      expect(ids).toEqual([expect.any(Number)]);
      const message = await odoo.call('crm.lead', 'message_post', {
        ids,
        body: '<p>1 &lt; 2</p>',
        body_is_html: true,
      });
      expect(message).toBeTypeOf('number');
      expect(await odoo.call('crm.lead', 'action_set_lost', { ids })).toBeNull();
      const lost = { domain: [['id', 'in', ids]], context: { active_test: false }, fields: ['active'] };
      expect(await odoo.call('crm.lead', 'search_read', lost)).toEqual([{ id: ids[0], active: false }]);
    },
  );

  test('an external id that does not exist is null', async () => {
    expect(await erp.admin.xmlidToRes('stripe_connector', unique('nope'))).toBeNull();
  });

  test('an archived record is found by its external id', async () => {
    const name = unique('archived').replaceAll('-', '_');
    const [id] = await erp.admin.load('res.partner', ['id', 'name'], [[`stripe_connector.${name}`, name]]);
    erp.tidy('res.partner', [id!]);
    await erp.admin.call('res.partner', 'write', { ids: [id!], vals: { active: false } });
    expect(await erp.admin.xmlidToRes('stripe_connector', name)).toEqual({ model: 'res.partner', id });
  });
});
