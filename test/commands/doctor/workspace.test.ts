import { describe, expect, it } from 'vitest';
import { mappingsWith, prepared } from './stage.ts';

const workspace = (lines: readonly string[]) =>
  lines.filter(
    (line) => /workspace|Documents|dms/.test(line) && !/this very server|guarded actions/.test(line),
  );

describe('doctor on where workspaces lie', () => {
  it('Odoo Documents is told as not proven on a real server', async () => {
    const patient = await prepared({ odooVersion: 18, odooModules: ['documents', 'dms'] });
    const seen = await patient.look();
    expect(workspace(seen.of('odoo'))).toEqual([
      'green workspaces: Odoo Documents',
      'unproven workspace driver: documents (not proven here on a real server)',
    ]);
  }, 60_000);

  it('OCA dms is proven; with a right too few it is red', async () => {
    const patient = await prepared({ odooVersion: 17, odooModules: ['dms'] });
    expect(workspace((await patient.look()).of('odoo'))).toEqual(['green workspaces: OCA dms']);
    const { odoo } = patient.world.systems;
    const right = odoo.find('ir.model.access', (row) => row.name === 'dms.directory dms.group_dms_user')!;
    odoo.staff.edit('ir.model.access', right.id, { perm_create: false });
    expect(workspace((await patient.look()).of('odoo'))).toEqual([
      'red the service’s user may not create dms.directory',
    ]);
  }, 60_000);

  it('an application installed after set-up is told, one asked for and absent is red', async () => {
    const patient = await prepared({ odooVersion: 17, odooModules: ['dms'] });
    const { odoo } = patient.world.systems;
    odoo.staff.delete(
      'ir.model.data',
      odoo.find('ir.model.data', (row) => row.name === 'workspaces_storage')!.id,
    );
    expect(workspace((await patient.look()).of('odoo'))).toEqual([
      'green workspaces: folders of x_cde_folder with attachments',
      'yellow OCA dms is installed, but not prepared for workspaces',
    ]);
    const asked = mappingsWith('workspace.json', (text) => text.replace('"auto"', '"documents"'));
    const seen = await patient.look({ MAPPINGS_DIR: asked });
    expect(workspace(seen.of('odoo'))).toEqual([
      expect.stringContaining('red mappings/workspace.json asks for the driver "documents"'),
    ]);
    expect(seen.code).toBe(1);
  }, 60_000);
});
