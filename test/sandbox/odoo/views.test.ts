import { beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../../connector/log.ts';
import { createOdoo, type Odoo } from '../../../connector/odoo/odoo.ts';
import { startTestWorld } from '../../support/sandbox.ts';

let odoo: Odoo;
let xml: Odoo;
beforeAll(async () => {
  const { env } = await startTestWorld();
  const as = (transport: 'auto' | 'xmlrpc') =>
    createOdoo({
      url: env.ODOO_URL!,
      db: env.ODOO_DB!,
      username: 'admin',
      apiKey: env.ODOO_ADMIN_API_KEY!,
      transport,
      log: createLog({ level: 'silent' }),
    });
  [odoo, xml] = [as('auto'), as('xmlrpc')];
  await odoo.call('ir.model', 'create', {
    vals_list: [
      {
        name: 'Thing',
        model: 'x_thing',
        field_id: [
          [0, 0, { name: 'x_name', field_description: 'Name', ttype: 'char' }],
          [
            0,
            0,
            { name: 'x_odd', field_description: 'Odd', ttype: 'integer', compute: 'pass', store: false },
          ],
        ],
        access_ids: [[0, 0, { name: 'x_thing', perm_read: true, perm_create: true }]],
      },
    ],
  });
});

const fieldId = async (name: string) =>
  (
    await odoo.call<number[]>('ir.model.fields', 'search', {
      domain: [
        ['model', '=', 'x_thing'],
        ['name', '=', name],
      ],
    })
  )[0]!;

describe('views', () => {
  test('an architecture comes unharmed over XML-RPC, which packs it verbatim', async () => {
    const arch = '<list string="A &amp; B"><field name="x_name"/></list>';
    const [id] = await xml.load('ir.ui.view', ['name', 'model', 'arch'], [['v', 'x_thing', arch]]);
    const [row] = await odoo.call<unknown[]>('ir.ui.view', 'read', {
      ids: [id!],
      fields: ['arch_db', 'type', 'mode'],
    });
    expect(row).toEqual({ id, arch_db: arch, type: 'list', mode: 'primary' });
  });

  test('an inheriting view is of its parent’s kind', async () => {
    const parent = await odoo.xmlidToRes('base', 'view_partner_form');
    const [id] = await odoo.call<number[]>('ir.ui.view', 'create', {
      vals_list: [{ name: 'more', model: 'res.partner', inherit_id: parent!.id, arch: '<data/>' }],
    });
    const [row] = await odoo.call<unknown[]>('ir.ui.view', 'read', { ids: [id!], fields: ['type', 'mode'] });
    expect(row).toEqual({ id, type: 'form', mode: 'extension' });
  });

  test('none without an architecture, and none with a field its model has not', async () => {
    const make = (values: object) =>
      odoo.call('ir.ui.view', 'create', { vals_list: [{ name: 'v', model: 'x_thing', ...values }] });
    await expect(make({})).rejects.toMatchObject({ kind: 'permanent' });
    await expect(make({ arch: '<form><field name="x_never"/></form>' })).rejects.toMatchObject({
      kind: 'permanent',
    });
  });

  test('a field that a view shows stays, another goes', async () => {
    await odoo.load(
      'ir.ui.view',
      ['name', 'model', 'arch'],
      [['shown', 'x_thing', '<form><field name="x_name"/></form>']],
    );
    await expect(
      odoo.call('ir.model.fields', 'unlink', { ids: [await fieldId('x_name')] }),
    ).rejects.toMatchObject({ kind: 'permanent' });
    await expect(odoo.call('ir.model.fields', 'unlink', { ids: [await fieldId('x_odd')] })).resolves.toBe(
      true,
    );
  });
});
