import { rmSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { removeErp } from '../../../scripts/commands/erp/remove.ts';
import { setupErp } from '../../../scripts/commands/setup-erp.ts';
import { type Erp, openPreparedErp, type PreparedErp, SERVICE, unique } from './erp.ts';

let erp: PreparedErp;
beforeAll(async () => {
  erp = await openPreparedErp();
}, 180_000);

const LISTED = [
  'ir.model',
  'ir.model.fields',
  'ir.model.fields.selection',
  'ir.ui.view',
  'ir.ui.menu',
  'ir.actions.actions',
  'ir.actions.act_window',
  'ir.actions.server',
  'ir.model.access',
  'ir.model.data',
  'res.groups',
  'ir.config_parameter',
];

const listing = async ({ admin }: Erp) =>
  Object.fromEntries(
    await Promise.all(
      LISTED.map(async (model) => [
        model,
        await admin.call<number[]>(model, 'search', {
          domain: [],
          order: 'id',
          context: { active_test: false, 'ir.ui.menu.full_list': true },
        }),
      ]),
    ),
  ) as Record<string, number[]>;

const setUp = () =>
  setupErp({
    odooAdmin: erp.admin,
    odooAs: erp.as,
    keyFile: erp.keyFile,
    serviceLogin: SERVICE,
    print: () => {},
  });

const remove = async (change: { dryRun?: boolean; purge?: boolean } = {}) => {
  const lines: string[] = [];
  const removed = await removeErp({ odooAdmin: erp.admin, print: (line) => lines.push(line), ...change });
  return { removed, lines };
};

describe('setup erp --remove', () => {
  test('refuses while there are records, and says how many; a dry run removes nothing', async () => {
    const ids = await erp.service.call<number[]>('x_stripe_subscription', 'create', {
      vals_list: [{ x_name: 'x', x_stripe_id: unique('sub') }],
    });
    const before = await listing(erp);
    await expect(remove()).rejects.toMatchObject({
      kind: 'conflict',
      code: 'erp_records_present',
      message: expect.stringMatching(/\d+ of x_stripe_subscription/),
    });
    const { lines } = await remove({ dryRun: true, purge: true });
    expect(lines).toContain('would remove: 1 × ir.ui.menu');
    expect(await listing(erp)).toEqual(before);
    expect(await erp.admin.call('x_stripe_subscription', 'search', { domain: [['id', 'in', ids]] })).toEqual(
      ids,
    );
  });

  test('takes away all of ours and nothing else; set-up makes it all again', async () => {
    const partners = await erp.service.load(
      'res.partner',
      ['id', 'name'],
      [[`stripe_connector.org_${Date.now()}_partner`, unique('Customer')]],
    );
    erp.tidy('res.partner', partners);
    await remove({ purge: true });
    const bare = await listing(erp);
    expect(await remove()).toEqual({ removed: [], lines: ['nothing to do'] });
    const left = await erp.admin.call('ir.model.data', 'search_count', {
      domain: [['module', '=', 'stripe_connector']],
    });
    expect(left).toBe(0);
    // What customers brought stays.
    expect(await erp.admin.call('res.partner', 'search', { domain: [['id', 'in', partners]] })).toEqual(
      partners,
    );

    rmSync(erp.keyFile);
    const made = await setUp();
    expect(made).toContain('menu "Subscriptions"');
    expect(await setUp()).toEqual([]);
    await remove();
    expect(await listing(erp)).toEqual(bare);

    // The files after this one find the ERP as they expect it.
    await setUp();
  }, 400_000);
});
