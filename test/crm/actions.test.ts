import { beforeAll, describe, expect, test } from 'vitest';
import type { Sale } from '../../connector/billing/sale.ts';
import { createRunAction } from '../../connector/crm/actions.ts';
import { openActivity } from '../../connector/crm/activities.ts';
import type { CrmDeps } from '../../connector/crm/deps.ts';
import { fileDocuments } from '../../connector/crm/documents.ts';
import { loadWorkspaceTree } from '../../connector/crm/workspace-tree.ts';
import { createLog } from '../../connector/log.ts';
import { createOdoo, type Odoo } from '../../connector/odoo/odoo.ts';
import { openTestDatabase } from '../support/database.ts';
import { startTestWorld } from '../support/sandbox.ts';

let odoo: Odoo;
beforeAll(async () => {
  const { env } = await startTestWorld();
  odoo = createOdoo({
    url: env.ODOO_URL!,
    db: env.ODOO_DB!,
    username: env.ODOO_USERNAME!,
    apiKey: env.ODOO_API_KEY!,
    transport: 'auto',
    log: createLog({ level: 'silent' }),
  });
});

describe('before setup erp', () => {
  test('a guarded action tells what to run', async () => {
    await expect(createRunAction(odoo)('identify', {})).rejects.toMatchObject({
      kind: 'permanent',
      code: 'erp_not_set_up',
      advice: expect.stringContaining('setup erp'),
    });
  });
});

describe('what is not there', () => {
  test('a folder the mapping names but the workspace lacks', async () => {
    const deps = { workspaceTree: loadWorkspaceTree() } as CrmDeps;
    const sale = { project: { id: 1 } } as Sale;
    const file = { kind: 'bep', fileName: 'BEP.pdf', content: new Uint8Array() } as const;
    await expect(
      fileDocuments(deps, sale, { workspace: { driver: 'attachments', folders: [] }, files: [file] }),
    ).rejects.toMatchObject({
      code: 'workspace_folder_missing',
      message: expect.stringContaining('03 Published/Execution Plan'),
    });
  });

  test('activities on a model we do not know', async () => {
    const db = await openTestDatabase();
    try {
      const deps = { db, odoo } as unknown as CrmDeps;
      const open = openActivity(deps, createRunAction(odoo), {
        model: 'x_unknown',
        resId: 1,
        key: 'k',
        summary: 's',
        note: 'n',
      });
      await expect(open).rejects.toThrowError('no activities on x_unknown');
    } finally {
      await db.close();
    }
  });
});
