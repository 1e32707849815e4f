import { beforeAll, describe, expect, test } from 'vitest';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { uiPlans } from '../../../scripts/commands/erp/ui/plan.ts';
import { setupErp } from '../../../scripts/commands/setup-erp.ts';
import { openPreparedErp, type PreparedErp, SERVICE, unique } from './erp.ts';
import { hire, SALESPERSON } from './people.ts';

let erp: PreparedErp;
let salesperson: Odoo;
let colleague: Odoo;
beforeAll(async () => {
  erp = await openPreparedErp();
  salesperson = (await hire(erp, 'sales', SALESPERSON)).odoo;
  colleague = (await hire(erp, 'colleague', ['base.group_user'])).odoo;
}, 180_000);

const run = async () =>
  setupErp({
    odooAdmin: erp.admin,
    odooAs: erp.as,
    keyFile: erp.keyFile,
    serviceLogin: SERVICE,
    print: () => {},
  });

const ours = async (name: string) => (await erp.admin.xmlidToRes('stripe_connector', name))!.id;

async function make(model: string, values: Record<string, unknown>, as: Odoo = erp.admin): Promise<number> {
  const ids = await as.call<number[]>(model, 'create', { vals_list: [values] });
  erp.tidy(model, ids);
  return ids[0]!;
}

describe('what staff see', () => {
  test('every view, window and the menu stands under its external id', async () => {
    for (const plan of uiPlans(erp.facts))
      expect(await erp.admin.xmlidToRes('stripe_connector', plan.name), plan.name).toMatchObject({
        model: plan.model,
      });
  });

  test('the menu lies under CRM and opens the list in this version’s words', async () => {
    const [menu] = await erp.admin.call<{ action: string; parent_id: [number, string] }[]>(
      'ir.ui.menu',
      'read',
      { ids: [await ours('menu_subscriptions')], fields: ['action', 'parent_id'] },
    );
    const crm = await erp.admin.xmlidToRes('crm', 'crm_menu_root');
    expect(menu!.parent_id[0]).toBe(crm!.id);
    expect(menu!.action).toBe(`ir.actions.act_window,${await ours('window_subscriptions')}`);
    const [window] = await erp.admin.call<{ view_mode: string }[]>('ir.actions.act_window', 'read', {
      ids: [await ours('window_subscriptions')],
      fields: ['view_mode'],
    });
    expect(window!.view_mode).toBe(`${erp.facts.listViewTag},kanban,form,graph,pivot,calendar`);
  });

  test('partner and opportunity count their own subscriptions', async () => {
    const partner = await make('res.partner', { name: unique('Customer') });
    const other = await make('res.partner', { name: unique('Other') });
    const lead = await make('crm.lead', { name: unique('Sale'), partner_id: partner });
    for (const x_opportunity_id of [lead, false])
      await make(
        'x_stripe_subscription',
        { x_name: unique('sub'), x_stripe_id: unique('sub'), x_partner_id: partner, x_opportunity_id },
        erp.service,
      );
    const counts = async (model: string, ids: number[]) => {
      const rows = await salesperson.call<{ x_stripe_subscription_count: number }[]>(model, 'read', {
        ids,
        fields: ['x_stripe_subscription_count'],
      });
      return rows.map((row) => row.x_stripe_subscription_count);
    };
    expect(await counts('res.partner', [partner, other])).toEqual([2, 0]);
    expect(await counts('crm.lead', [lead])).toEqual([1]);
  });

  test('a colleague without Sales opens contacts as before, and no subscription', async () => {
    const partner = await make('res.partner', { name: unique('Contact') });
    const [row] = await colleague.call<Record<string, unknown>[]>('res.partner', 'read', {
      ids: [partner],
      // Named: some versions refuse their own fields to plain users when all are asked for.
      fields: ['name', 'x_stripe_subscription_count', 'x_stripe_customer_id'],
    });
    expect(row).toMatchObject({ x_stripe_subscription_count: 0, x_stripe_customer_id: false });
    await expect(colleague.call('x_stripe_subscription', 'search', { domain: [] })).rejects.toMatchObject({
      code: 'odoo_access',
    });
  });

  test('a salesperson reads subscriptions and changes none', async () => {
    const id = await make(
      'x_stripe_subscription',
      { x_name: unique('sub'), x_stripe_id: unique('sub'), x_state: 'active' },
      erp.service,
    );
    await expect(
      salesperson.call('x_stripe_subscription', 'read', { ids: [id], fields: ['x_state'] }),
    ).resolves.toEqual([{ id, x_state: 'active' }]);
    await expect(
      salesperson.call('x_stripe_subscription', 'write', { ids: [id], vals: { x_state: 'ended' } }),
    ).rejects.toMatchObject({ code: 'odoo_access' });
  });
});

describe('run again', () => {
  test('a view somebody changed and a menu somebody deleted are put right', async () => {
    const view = await ours('view_subscription_graph');
    await erp.admin.call('ir.ui.view', 'write', {
      ids: [view],
      vals: { arch: '<graph><field name="x_plan"/></graph>' },
    });
    await erp.admin.call('ir.ui.menu', 'unlink', { ids: [await ours('menu_subscriptions')] });
    expect(await run()).toEqual(['graph view of x_stripe_subscription', 'menu "Subscriptions"']);
    expect(await ours('view_subscription_graph')).toBe(view);
    expect(await run()).toEqual([]);
  });

  test('a view with a field the model has not is refused', async () => {
    await expect(
      erp.admin.load(
        'ir.ui.view',
        ['name', 'model', 'arch'],
        [[unique('view'), 'x_stripe_subscription', '<graph><field name="x_never"/></graph>']],
        { attempts: 1 },
      ),
    ).rejects.toMatchObject({ code: 'odoo_load_refused' });
  });
});
