/** What the suite over the workspace drivers runs on, and how each driver's models call what it looks at. */
import type { DriverName } from '../../../connector/crm/workspace/driver.ts';
import type { WorldOptions } from '../../../scripts/sandbox/world.ts';

/** The servers the sandbox can be; a real one is what it is. */
export const SERVERS: readonly WorldOptions[] = process.env.ODOO_URL
  ? [{}]
  : [
      { odooVersion: 19 },
      { odooVersion: 17, odooModules: ['dms'] },
      { odooVersion: 17, odooModules: ['documents'] },
      { odooVersion: 18, odooModules: ['documents'] },
      { odooVersion: 19, odooModules: ['documents'] },
    ];

export interface Shape {
  readonly name: string;
  readonly parent: string;
  readonly content: string;
  /** Field of a file that says which folder it is in. */
  readonly fileIn: string;
  /** Stakeholders read their project's workspace in the ERP. */
  readonly members: boolean;
  /** The service's user has no right to delete a workspace. */
  readonly undeletable: boolean;
}

export const SHAPES: Readonly<Record<DriverName, Shape>> = {
  attachments: {
    name: 'x_name',
    parent: 'x_parent_id',
    content: 'datas',
    fileIn: 'res_id',
    members: false,
    undeletable: true,
  },
  documents: {
    name: 'name',
    parent: 'folder_id',
    content: 'datas',
    fileIn: 'folder_id',
    members: true,
    undeletable: false,
  },
  documents_17: {
    name: 'name',
    parent: 'parent_folder_id',
    content: 'datas',
    fileIn: 'folder_id',
    members: false,
    undeletable: true,
  },
  dms: {
    name: 'name',
    parent: 'parent_id',
    content: 'content',
    fileIn: 'directory_id',
    members: true,
    undeletable: true,
  },
};
