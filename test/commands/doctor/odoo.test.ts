import { beforeAll, describe, expect, it } from 'vitest';
import { startTestWorld } from '../../support/sandbox.ts';
import { mappingsWith, type Patient, prepared } from './stage.ts';

const DAYS = 24 * 3600 * 1000;
let patient: Patient;
beforeAll(async () => {
  patient = await prepared();
});

const line = (text: string) => expect.stringContaining(text);

/** One access rule changed while the doctor looks. */
async function withAccess(name: string, values: Record<string, boolean>) {
  const { odoo } = patient.world.systems;
  const rule = odoo.find('ir.model.access', (row) => row.name === name)!;
  odoo.staff.edit('ir.model.access', rule.id, values);
  const seen = await patient.look();
  const before = Object.fromEntries(Object.keys(values).map((key) => [key, rule[key]]));
  odoo.staff.edit('ir.model.access', rule.id, before);
  return seen;
}

describe('doctor on the ERP', () => {
  it('what setup made is green', async () => {
    const seen = await patient.look();
    expect(seen.of('odoo')).toEqual([
      line('green Odoo 19.0 over json2'),
      line('green the key of stripe-connector is accepted'),
      'green all rights the work needs',
      'green no right beyond them that could do harm',
      'green guarded actions: portal_users, portal_access, remove_workspace, set_password_url, identify',
      expect.stringMatching(/^green the key ends on \d{4}-\d\d-\d\d \(in 36[345] days\)$/),
      'green workspaces: folders of x_cde_folder with attachments',
      line('unproven that this very server'),
    ]);
    expect(seen.of('mappings')).toEqual([line('green the files in'), 'green odoo.json fits the ERP']);
  });

  it('a right too few', async () => {
    const seen = await withAccess('x_cde_folder connector', { perm_create: false });
    expect(seen.of('odoo')).toContain('red the service’s user may not create x_cde_folder');
    expect(seen.code).toBe(1);
  });

  it('requests of staff that could not be answered, or could be made up', async () => {
    const blind = await withAccess('x_stripe_request connector', { perm_write: false });
    expect(blind.of('odoo')).toContain('red the service’s user may not write x_stripe_request');
    const free = await withAccess('x_stripe_request connector', { perm_create: true });
    expect(free.of('odoo')).toContain(
      'yellow the service’s user may create x_stripe_request: more than it needs',
    );
  });

  it('an action of a later release, where set-up was not run again', async () => {
    const { odoo } = patient.world.systems;
    const alias = odoo.find('ir.model.data', (row) => row.name === 'run_portal_access')!;
    odoo.staff.edit('ir.model.data', alias.id, { name: 'run_of_later' });
    const seen = await patient.look();
    odoo.staff.edit('ir.model.data', alias.id, { name: 'run_portal_access' });
    expect(seen.of('odoo')).toContain('red the guarded action portal_access is not there for this key');
  });

  it('rights too many, as an administrator’s key has them', async () => {
    const { world } = patient;
    const seen = await patient.look({ ODOO_USERNAME: 'admin', ODOO_API_KEY: world.env.ODOO_ADMIN_API_KEY! });
    for (const what of ['create, write, unlink res.users', 'read, write ir.config_parameter'])
      expect(seen.of('odoo')).toContain(`yellow the service’s user may ${what}: more than it needs`);
  });

  it('a key that ends soon, and one that is not known', async () => {
    const soon = await patient.look({}, { now: () => new Date(Date.now() + 350 * DAYS) });
    expect(soon.of('odoo')).toContainEqual(expect.stringMatching(/^yellow the key ends on .* \(in 1\d days/));
    const unknown = await patient.look({ ODOO_API_KEY: 'canary-of-an-erp-key' });
    expect(unknown.of('odoo')).toEqual([expect.stringMatching(/^red ERP: /)]);
    expect(unknown.output).toContain('renew the key');
    expect(unknown.output).not.toContain('canary');
    expect(unknown.code).toBe(1);
  });

  it('an ERP that is away or slow stops nothing else', async () => {
    patient.world.delay('odoo', 20_000);
    const begun = Date.now();
    const slow = await patient.look({}, { callMs: 60_000, wholeMs: 1_500 });
    patient.world.delay('odoo', 0);
    expect(Date.now() - begun).toBeLessThan(15_000);
    expect(slow.of('odoo')).toEqual(['red no answer within 1.5 s']);
    expect(slow.code).toBe(1);
    patient.world.faults.add({ system: 'odoo', kind: 'refused', times: 50 });
    const away = await patient.look();
    patient.world.faults.clear();
    expect(away.of('odoo')).toEqual([line('red ERP: Odoo cannot be reached')]);
    expect(away.of('mappings')).toContainEqual(line('red odoo.json against the ERP'));
    expect(away.of('b2')[0]).toMatch(/^green/);
  });

  it('a mapping that does not fit the ERP, and one that fits no schema', async () => {
    const renamed = mappingsWith('odoo.json', (text) => text.replace('"function"', '"funktion"'));
    const wrong = await patient.look({ MAPPINGS_DIR: renamed });
    expect(wrong.of('mappings')).toContainEqual(
      line('odoo.json /records/contact/fields/funktion: res.partner has no field funktion'),
    );
    expect(wrong.code).toBe(1);
    const broken = mappingsWith('odoo.json', (text) => text.replace('"records"', '"record"'));
    expect((await patient.look({ MAPPINGS_DIR: broken })).of('mappings')).toContainEqual(
      line('red '.concat(broken)),
    );
  });

  it('a guarded action, then a whole model that staff deleted', async () => {
    const { odoo } = patient.world.systems;
    const action = odoo.find('ir.actions.server', (row) => String(row.name).includes('set password url'))!;
    odoo.staff.delete('ir.actions.server', action.id);
    const seen = await patient.look();
    expect(seen.of('odoo')).toContain('red the guarded action set_password_url is not there for this key');
    expect(seen.code).toBe(1);
  });

  it('an ERP nobody set up', async () => {
    const { urls, env } = await startTestWorld({ odooVersion: 18 });
    const seen = await patient.look({
      ODOO_URL: urls.odoo,
      ODOO_USERNAME: 'admin',
      ODOO_API_KEY: env.ODOO_ADMIN_API_KEY!,
    });
    expect(seen.of('odoo')).toContainEqual(line('red this ERP has no model x_cde_folder'));
    expect(seen.of('odoo')).toContainEqual(line('red no workspace'));
  });

  it('Odoo 17: no end of the key, and no JSON-2', async () => {
    const old = await prepared({ odooVersion: 17 });
    expect((await old.look()).of('odoo')).toContain('green the key does not expire');
    expect((await old.look({ ODOO_TRANSPORT: 'json2' })).of('odoo')).toEqual([
      line('JSON-2 came with Odoo 19'),
    ]);
  });
});
