import type { Database } from '../db/database.ts';
import type { Log } from '../log.ts';
import type { Odoo } from '../odoo/odoo.ts';
import type { Lookups } from './lookups.ts';
import type { OdooMapping } from './mapping.ts';
import type { WorkspaceTree } from './workspace-tree.ts';

export interface CrmDeps {
  readonly db: Database;
  readonly odoo: Odoo;
  readonly log: Log;
  readonly now: () => Date;
  readonly mapping: OdooMapping;
  readonly workspaceTree: WorkspaceTree;
  readonly publicUrl: string;
  /** Where staff reach the ERP's web client. */
  readonly erpUrl: string;
}

/** What `createCrm` adds to it. */
export interface CrmContext extends CrmDeps {
  readonly lookups: Lookups;
}
