/** Taking away what lies in an application for documents: the customers' workspaces, and the place set-up made for them. */
import { MODULE } from '../../../connector/crm/ids.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';

// What is in something before what it is in.
const IN_ORDER = [
  'dms.file',
  'dms.directory',
  'dms.access.group',
  'dms.storage',
  'documents.document',
  'documents.folder',
] as const;

export interface WorkspaceRecords {
  readonly model: string;
  readonly ids: readonly number[];
}

/** @param whose `customers`: the workspaces themselves; `setup`: what was prepared for them */
export async function workspaceRecords(
  odoo: Odoo,
  whose: 'customers' | 'setup',
): Promise<readonly WorkspaceRecords[]> {
  const rows = await odoo.call<{ model: string; res_id: number; name: string }[]>(
    'ir.model.data',
    'search_read',
    {
      domain: [
        ['module', '=', MODULE],
        ['model', 'in', IN_ORDER],
        ['name', '=like', whose === 'setup' ? 'workspaces_%' : 'project_%'],
      ],
      fields: ['model', 'res_id', 'name'],
    },
  );
  return IN_ORDER.flatMap((model) => {
    // A folder was made after the one it is in.
    const ids = rows.filter((row) => row.model === model).map((row) => row.res_id);
    return ids.length === 0 ? [] : [{ model, ids: ids.sort((a, b) => b - a) }];
  });
}

/** What was put into a workspace by others goes with it, as the application sees to. */
export async function unlinkWorkspaces(odoo: Odoo, records: readonly WorkspaceRecords[]): Promise<void> {
  for (const { model, ids } of records) {
    const context = { active_test: false };
    const there = await odoo.call<number[]>(model, 'search', { domain: [['id', 'in', ids]], context });
    const left = ids.filter((id) => there.includes(id));
    if (left.length > 0) await odoo.call(model, 'unlink', { ids: left });
  }
}
