import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { MODELS } from '../../../scripts/commands/erp/models.ts';
import { setupErp } from '../../../scripts/commands/setup-erp.ts';
import { openPreparedErp, type PreparedErp, SERVICE, unique } from './erp.ts';

let erp: PreparedErp;
beforeAll(async () => {
  erp = await openPreparedErp();
}, 180_000);

const run = async (change: Partial<Parameters<typeof setupErp>[0]> = {}) => {
  const lines: string[] = [];
  const changes = await setupErp({
    odooAdmin: erp.admin,
    odooAs: erp.as,
    keyFile: erp.keyFile,
    serviceLogin: SERVICE,
    print: (line) => lines.push(line),
    ...change,
  });
  return { changes, lines };
};

describe('setup erp', () => {
  test('a second run finds nothing to do and leaves the key', async () => {
    const before = readFileSync(erp.keyFile, 'utf8');
    expect(await run()).toEqual({ changes: [], lines: ['nothing to do'] });
    expect(readFileSync(erp.keyFile, 'utf8')).toBe(before);
  });

  test('the key file is for its owner alone', () => {
    expect(statSync(erp.keyFile).mode & 0o777).toBe(0o600);
  });

  test('a dry run says what is missing and makes nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'setup-erp-'));
    try {
      const keyFile = join(folder, 'key');
      const { changes, lines } = await run({ keyFile, dryRun: true });
      expect(changes).toEqual([`API key of "${SERVICE}" in ${keyFile}`]);
      expect(lines[0]).toMatch(/^would make: /);
      expect(existsSync(keyFile)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('every field has a label and a help text', async () => {
    for (const plan of MODELS) {
      const fields = await erp.service.call<Record<string, { help?: string; string: string; type: string }>>(
        plan.model,
        'fields_get',
        { attributes: ['help', 'string', 'type'] },
      );
      for (const field of plan.fields) {
        expect(fields[field.name], field.name).toMatchObject({
          help: field.help,
          string: field.label,
          type: field.type,
        });
      }
    }
  });

  test('a changed help text and a changed action are put right', async () => {
    const [field] = await erp.admin.call<number[]>('ir.model.fields', 'search', {
      domain: [
        ['model', '=', 'x_stripe_subscription'],
        ['name', '=', 'x_bucket'],
      ],
    });
    await erp.admin.call('ir.model.fields', 'write', {
      ids: [field!],
      vals: { help: 'somebody changed this' },
    });
    const action = await erp.admin.xmlidToRes('stripe_connector', 'action_identify');
    await erp.admin.call('ir.actions.server', 'write', {
      ids: [action!.id],
      vals: { code: 'action = False' },
    });
    const { changes } = await run();
    expect(changes).toEqual([
      'fields of x_stripe_subscription: x_bucket',
      expect.stringMatching(/^server actions .*: Stripe Connector: identify$/),
    ]);
    expect((await run()).changes).toEqual([]);
  });

  test('a renewed key works and the old one ends', async () => {
    const old = readFileSync(erp.keyFile, 'utf8').trim();
    await run({ renewKey: true });
    const fresh = readFileSync(erp.keyFile, 'utf8').trim();
    expect(fresh).not.toBe(old);
    const ask = (key: string) => erp.as(SERVICE, key).call('res.partner', 'search', { domain: [], limit: 1 });
    await expect(ask(fresh)).resolves.toHaveLength(1);
    await expect(ask(old)).rejects.toMatchObject({ code: 'odoo_authentication' });
    erp = { ...erp, service: erp.as(SERVICE, fresh) };
  });

  test('somebody else’s login is not taken over', async () => {
    const login = unique('person');
    const ids = await erp.admin.call<number[]>('res.users', 'create', {
      vals_list: [{ name: 'Person', login }],
      context: { no_reset_password: true },
    });
    erp.tidy('res.users', ids);
    await expect(run({ serviceLogin: login, dryRun: true })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'erp_login_taken',
    });
    await expect(run({ serviceLogin: login })).rejects.toMatchObject({ code: 'erp_login_taken' });
    expect((await run()).changes).toEqual([]);
  });

  test('two records of one Stripe subscription cannot be', async () => {
    const stripeId = unique('sub');
    const create = () =>
      erp.service.call<number[]>('x_stripe_subscription', 'create', {
        vals_list: [{ x_name: 'x', x_stripe_id: stripeId }],
      });
    erp.tidy('x_stripe_subscription', await create());
    await expect(create()).rejects.toMatchObject({ kind: 'permanent' });
  });
});

describe('what the service’s key can and cannot do', () => {
  const denied: readonly [name: string, model: string, method: string, args: Record<string, unknown>][] = [
    [
      'read server actions and their code',
      'ir.actions.server',
      'search_read',
      { domain: [], fields: ['code'] },
    ],
    [
      'write server actions',
      'ir.actions.server',
      'create',
      { vals_list: [{ name: 'x', state: 'code', model_id: 1, code: 'x = 1' }] },
    ],
    ['make users', 'res.users', 'create', { vals_list: [{ name: 'x', login: 'x-denied' }] }],
    ['read system parameters', 'ir.config_parameter', 'get_param', { key: 'database.uuid' }],
    ['search external ids', 'ir.model.data', 'search', { domain: [] }],
    ['read models', 'ir.model', 'search', { domain: [] }],
    ['change its own groups', 'res.users', 'write', {}],
  ];
  for (const [name, model, method, args] of denied) {
    test(`it cannot ${name}`, async () => {
      const own = await erp.admin.xmlidToRes('stripe_connector', 'user_service');
      const system = await erp.admin.xmlidToRes('base', 'group_system');
      const asked =
        method === 'write' ? { ids: [own!.id], vals: { [erp.facts.groupsField]: [[4, system!.id]] } } : args;
      await expect(erp.service.call(model, method, asked)).rejects.toMatchObject({ code: 'odoo_access' });
    });
  }

  test('it cannot delete subscription records or folders', async () => {
    for (const model of ['x_stripe_subscription', 'x_cde_folder']) {
      const ids = await erp.service.call<number[]>(model, 'create', { vals_list: [{ x_name: unique('x') }] });
      erp.tidy(model, ids);
      await expect(erp.service.call(model, 'unlink', { ids })).rejects.toMatchObject({ code: 'odoo_access' });
    }
  });

  test('the administrator is not in the guard’s group and cannot run the guarded actions', async () => {
    const action = await erp.service.xmlidToRes('stripe_connector', 'run_identify');
    const asAdmin = erp.admin.call('ir.actions.server', 'run', {
      ids: [action!.id],
      context: { active_model: 'res.partner' },
    });
    await expect(asAdmin).rejects.toMatchObject({ code: 'odoo_access' });
  });
});
