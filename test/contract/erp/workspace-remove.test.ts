/** What set-up prepares in an application for documents is taken away exactly, workspaces only when asked. */
import { rmSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { ConnectorError } from '../../../connector/errors.ts';
import { removeErp } from '../../../scripts/commands/erp/remove.ts';
import { setupErp } from '../../../scripts/commands/setup-erp.ts';
import { openPreparedErp, type PreparedErp, SERVICE, unique } from './erp.ts';
import { SERVERS } from './workspace-shapes.ts';

const MODELS = ['dms.storage', 'dms.access.group', 'dms.directory', 'dms.file'];
const DOCUMENTS = ['documents.folder', 'documents.document'];

describe.each(SERVERS)('removal on $odooVersion $odooModules', (server) => {
  let erp: PreparedErp;
  beforeAll(async () => {
    erp = await openPreparedErp(server);
  }, 240_000);

  const listing = async () => {
    const rows = await Promise.all(
      [...MODELS, ...DOCUMENTS, 'ir.model.access', 'res.groups'].map(async (model) => {
        const context = { active_test: false };
        const ids = await erp.admin
          .call<number[]>(model, 'search', { domain: [], order: 'id', context })
          .catch((thrown: unknown) => {
            if (thrown instanceof ConnectorError && thrown.kind !== 'retryable') return null;
            throw thrown;
          });
        return [model, ids] as const;
      }),
    );
    return Object.fromEntries(rows);
  };
  const quiet = { print: () => {} };
  const setUp = () =>
    setupErp({
      odooAdmin: erp.admin,
      odooAs: erp.as,
      keyFile: erp.keyFile,
      serviceLogin: SERVICE,
      ...quiet,
    });

  test('with --purge nothing of ours is left; set-up makes it again, once', async () => {
    const dms = (await erp.admin.xmlidToRes('dms', 'group_dms_user')) !== null;
    if (dms) {
      const columns = ['id', 'name', 'is_root_directory', 'storage_id/id', 'group_ids/id'];
      const groups = 'stripe_connector.workspaces_editors,stripe_connector.workspaces_administrators';
      const name = unique('Workspace');
      await erp.service.load('dms.directory', columns, [
        [
          `stripe_connector.project_${Date.now()}_workspace`,
          name,
          'True',
          'stripe_connector.workspaces_storage',
          groups,
        ],
      ]);
      await expect(removeErp({ odooAdmin: erp.admin, ...quiet })).rejects.toMatchObject({
        code: 'erp_records_present',
        message: expect.stringContaining('of dms.directory'),
      });
    }
    await removeErp({ odooAdmin: erp.admin, purge: true, ...quiet });
    const bare = await listing();
    expect(await removeErp({ odooAdmin: erp.admin, ...quiet })).toEqual([]);

    rmSync(erp.keyFile);
    const made = await setUp();
    expect(made.includes('storage "CDE" in dms')).toBe(dms);
    const documents = (await erp.admin.xmlidToRes('documents', 'group_documents_user')) !== null;
    expect(made.includes('folder "CDE" in Odoo Documents')).toBe(documents);
    expect(await setUp()).toEqual([]);
    await removeErp({ odooAdmin: erp.admin, ...quiet });
    expect(await listing()).toEqual(bare);

    // The files after this one find the ERP as they expect it.
    await setUp();
  }, 400_000);
});
