import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLog } from '../../connector/log.ts';
import { createOdoo } from '../../connector/odoo/odoo.ts';
import { runSetupErp } from '../../scripts/commands/setup-erp.ts';
import { startTestWorld } from '../support/sandbox.ts';

const folder = mkdtempSync(join(tmpdir(), 'setup-erp-cli-'));
let env: Record<string, string>;
let out: string[];
let said: readonly string[];
beforeAll(async () => {
  const world = await startTestWorld();
  const { ODOO_URL, ODOO_DB, ODOO_ADMIN_API_KEY } = world.env;
  env = { ODOO_URL: ODOO_URL!, ODOO_DB: ODOO_DB!, ODOO_ADMIN_API_KEY: ODOO_ADMIN_API_KEY! };
});
beforeEach(() => {
  out = [];
  const note = (line: unknown) => void out.push(String(line));
  vi.spyOn(console, 'log').mockImplementation(note);
  vi.spyOn(console, 'error').mockImplementation(note);
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true }));

const keyFile = join(folder, 'key');

describe('cli setup erp', () => {
  test('a dry run on an empty ERP lists everything and makes nothing', async () => {
    expect(await runSetupErp(['--dry-run', '--key-file', keyFile], env)).toBe(0);
    expect(out).toContain('would make: group "Stripe Connector"');
    expect(out).toContain('would make: user "stripe-connector"');
    said = out.map((line) => line.replace('would make', 'made'));
    out.length = 0;
    await runSetupErp(['--dry-run'], env);
    expect(out).toContain('would make: group "Stripe Connector"');
  });

  test('makes it, then finds nothing to do', async () => {
    const adminKeyFile = join(folder, 'admin-key');
    writeFileSync(adminKeyFile, `${env.ODOO_ADMIN_API_KEY}\n`);
    const { ODOO_ADMIN_API_KEY: _, ...rest } = env;
    expect(await runSetupErp(['--admin-key-file', adminKeyFile, '--key-file', keyFile], rest)).toBe(0);
    const key = readFileSync(keyFile, 'utf8').trim();
    expect(key).not.toBe('');
    expect(out.join('\n')).not.toContain(key);
    // The dry run has said the same.
    expect(out.filter((line) => line.startsWith('made: '))).toEqual(
      said.filter((line) => line.startsWith('made: ')),
    );
    out.length = 0;
    await runSetupErp(['--key-file', keyFile], env);
    expect(out).toEqual(['nothing to do', expect.stringContaining('it looks every 15 s')]);
  });

  test('without a key file it says that no key was made', async () => {
    await runSetupErp([], env);
    expect(out).toEqual([
      'nothing to do',
      expect.stringContaining('it looks every 15 s'),
      expect.stringContaining('no API key was made'),
    ]);
  });

  test('takes it away again, after saying what it would take', async () => {
    expect(await runSetupErp(['--remove', '--dry-run'], env)).toBe(0);
    expect(out).toContain('would remove: 1 × ir.ui.menu');
    out.length = 0;
    expect(await runSetupErp(['--remove'], env)).toBe(0);
    expect(out).toContain('removed: the service’s user and its keys');
    out.length = 0;
    await runSetupErp(['--remove'], env);
    expect(out).toEqual(['nothing to do']);
  });

  test('a field of somebody else’s under our name stops set-up with its name', async () => {
    const odoo = createOdoo({
      url: env.ODOO_URL!,
      db: env.ODOO_DB!,
      username: 'admin',
      apiKey: env.ODOO_ADMIN_API_KEY!,
      transport: 'auto',
      log: createLog({ level: 'silent' }),
    });
    const model = await odoo.xmlidToRes('base', 'model_res_partner');
    const ids = await odoo.call<number[]>('ir.model.fields', 'create', {
      vals_list: [
        { model_id: model!.id, name: 'x_stripe_customer_id', field_description: 'Theirs', ttype: 'char' },
      ],
    });
    for (const argv of [['--dry-run'], []])
      await expect(runSetupErp(argv, env)).rejects.toMatchObject({
        kind: 'conflict',
        code: 'erp_field_taken',
      });
    await odoo.call('ir.model.fields', 'unlink', { ids });
    await expect(runSetupErp([], env)).resolves.toBe(0);
  });

  test('wrong command lines and missing keys', async () => {
    expect(await runSetupErp(['--renew-key'], env)).toBe(2);
    expect(await runSetupErp(['--purge'], env)).toBe(2);
    for (const days of ['soon', '0', '1.5']) expect(await runSetupErp(['--key-days', days], env)).toBe(2);
    expect(await runSetupErp([], {})).toBe(2);
    const keys = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_PUBLISHABLE_KEY: 'pk_live_1' };
    expect(await runSetupErp(['--payment-provider'], { ...env, ...keys })).toBe(2);
    expect(out.at(-1)).toContain('are of two modes');
    const { ODOO_ADMIN_API_KEY: _, ...rest } = env;
    await expect(runSetupErp([], rest)).rejects.toMatchObject({ code: 'admin_key_missing' });
  });
});
