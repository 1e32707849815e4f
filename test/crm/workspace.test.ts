/** A project's workspace over its life: folders the mapping gains, members let out again, and one that is gone. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../connector/billing/plans.ts';
import { readSale } from '../../connector/billing/read-sale.ts';
import { recordPath } from '../../connector/crm/workspace/record-path.ts';
import type { Odoo } from '../../connector/odoo/odoo.ts';
import type { CallArguments } from '../../connector/odoo/transport.ts';
import type { WorldOptions } from '../../scripts/sandbox/world.ts';
import { seedSale } from '../support/seed.ts';
import { type ErpStage, openErpStage } from './erp-stage.ts';

const catalogue = loadCatalogue(new URL('../../mappings/plans.json', import.meta.url));

async function sold({ crm, db }: ErpStage) {
  const { subscriptionId, projectId } = await seedSale(db);
  const sale = await readSale(db, { subscriptionId, catalogue });
  const { companyId, contactIds } = await crm.ensurePartners(sale);
  const { users } = await crm.ensureUsers(sale, { companyId, contactIds });
  return { sale, projectId, people: { companyId, contactIds, users } };
}

describe('in an ERP without an application for documents', () => {
  let stage: ErpStage;
  beforeAll(async () => {
    stage = await openErpStage();
  });

  it('a folder that the mapping gains later goes into the workspace that is there', async () => {
    const { sale, people } = await sold(stage);
    const { workspaceId, driver, folders } = await stage.crm.ensureWorkspace(sale, people);
    const { driver: _chosen, ...tree } = stage.deps.workspaceTree;
    // Staff have merged the external id away; the folder is known by its number.
    const parent = folders.find(({ path }) => path === '03 Published')!;
    const data = stage.world.systems.odoo.find(
      'ir.model.data',
      (each) => each.model === 'x_cde_folder' && each.res_id === parent.id,
    )!;
    stage.world.systems.odoo.staff.delete('ir.model.data', data.id);
    const grown = tree.folders.map((folder) =>
      folder.name === parent.path
        ? { ...folder, children: [...(folder.children ?? []), { name: 'Handover' }] }
        : folder,
    );
    const crm = stage.crmWith({ workspaceTree: { ...tree, folders: grown } });
    const later = await crm.ensureWorkspace(sale, people);
    expect(later).toMatchObject({ workspaceId, driver });
    const handover = later.folders.find(({ path }) => path === '03 Published/Handover')!;
    const record = stage.world.systems.odoo.read('x_cde_folder', handover.id)!;
    expect([record.x_parent_id].flat()[0]).toBe(parent.id);
    expect(later.folders).toHaveLength(folders.length + 1);
  });

  it('a mapping that names no application takes what the ERP has', async () => {
    const { driver: _chosen, ...workspaceTree } = stage.deps.workspaceTree;
    const { sale, people } = await sold(stage);
    const { driver } = await stage.crmWith({ workspaceTree }).ensureWorkspace(sale, people);
    expect(driver).toBe('attachments');
  });

  it('nobody from outside sees it, so there is nobody to let out; one that was never made is no error', async () => {
    const { sale, projectId, people } = await sold(stage);
    expect(await stage.crm.closeWorkspace({ projectId })).toEqual({ closed: false });
    await stage.crm.ensureWorkspace(sale, people);
    expect(await stage.crm.closeWorkspace({ projectId })).toEqual({ closed: false });
  });

  it('is counted before it is removed, and then gone', async () => {
    const { sale, projectId, people } = await sold(stage);
    const { workspaceId, folders } = await stage.crm.ensureWorkspace(sale, people);
    const counted = await stage.crm.removeWorkspace({ projectId, dryRun: true });
    expect(counted).toEqual({ found: true, folders: folders.length + 1, files: 0 });
    expect(stage.world.systems.odoo.read('x_cde_folder', workspaceId)).toBeDefined();
    expect(await stage.crm.removeWorkspace({ projectId })).toEqual(counted);
    expect(stage.world.systems.odoo.read('x_cde_folder', workspaceId)).toBeUndefined();
    expect(await stage.crm.removeWorkspace({ projectId })).toMatchObject({ found: false });
  });
});

describe.each<[string, WorldOptions, string]>([
  ['OCA dms', { odooVersion: 17, odooModules: ['dms'] }, 'dms.access.group.load'],
  [
    'Odoo Documents',
    { odooVersion: 19, odooModules: ['documents'] },
    'documents.document.action_update_access_rights',
  ],
])('in %s', (name, options, operation) => {
  let stage: ErpStage;
  beforeAll(async () => {
    stage = await openErpStage(options);
  });
  beforeEach(() => stage.world.faults.clear());

  it('members are let out, and an ERP that fails meanwhile is not “closed”', async () => {
    const { sale, projectId, people } = await sold(stage);
    await stage.crm.ensureWorkspace(sale, people);
    stage.world.faults.add({ system: 'odoo', operation, kind: 'permanent', times: 1 });
    await expect(stage.crm.closeWorkspace({ projectId })).rejects.toMatchObject({ system: 'odoo' });
    for (const _twice of [1, 2])
      expect(await stage.crm.closeWorkspace({ projectId })).toEqual({ closed: true });
  });

  // Documents keeps no such group: its folders say themselves who may.
  if (name === 'OCA dms')
    it('a group of members that staff deleted leaves nothing to close', async () => {
      const { sale, projectId, people } = await sold(stage);
      await stage.crm.ensureWorkspace(sale, people);
      const group = stage.world.systems.odoo.byXmlid(`stripe_connector.project_${projectId}_members`)!;
      stage.world.systems.odoo.staff.delete('dms.access.group', group.id);
      expect(await stage.crm.closeWorkspace({ projectId })).toEqual({ closed: false });
    });

  if (name === 'Odoo Documents')
    it('a workspace that has no address of its own is shown as the record it is', async () => {
      const { sale, people } = await sold(stage);
      const odoo: Odoo = {
        ...stage.odoo,
        async call<T>(of: string, method: string, args: CallArguments = {}) {
          const answer = await stage.odoo.call<T>(of, method, args);
          const asked = [args.fields].flat().includes('access_url');
          return asked ? ([{ access_url: false }] as T) : answer;
        },
      };
      const { workspaceId, url } = await stage.crmWith({ odoo }).ensureWorkspace(sale, people);
      expect(url).toBe(`https://erp.example.com/odoo/documents.document/${workspaceId}`);
    });
});

it.each([
  [17, 'x_cde_folder', '/web#id=5&model=x_cde_folder&view_type=form'],
  [18, 'x_cde_folder', '/odoo/m-x_cde_folder/5'],
  [19, 'dms.directory', '/odoo/dms.directory/5'],
])('Odoo %i shows a record of %s at its own address', (major, model, path) => {
  expect(recordPath({ major, model, id: 5 })).toBe(path);
});
