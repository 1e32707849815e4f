/** What the four places a project's workspace can lie in have in common; each of them is one small file beside this one. */
import type { Odoo } from '../../odoo/odoo.ts';
import type { Cell, Values } from '../values.ts';
import type { Wanted } from '../wanted.ts';

/** `documents` is Odoo Documents from 18 on, `documents_17` the one before. */
export type DriverName = 'documents' | 'documents_17' | 'dms' | 'attachments';

export interface WorkspaceFolder {
  /** Names from the workspace down; null: the workspace itself. */
  readonly path: string | null;
  readonly name: string;
  /** External id of the folder above, with our module; null: the workspace itself. */
  readonly parent: string | null;
  readonly project: WorkspaceProject;
}

export interface WorkspaceProject {
  readonly id: number;
  readonly code: string;
  /** ERP id of the organisation's partner. */
  readonly companyId: number;
}

/** Who is not staff and may see the workspace: the project's stakeholders, in ascending order of id. */
export interface Members {
  readonly partnerIds: readonly number[];
  /** Their portal users, as far as they have one. */
  readonly userIds: readonly number[];
}

export interface Admission {
  readonly workspaceId: number;
  readonly partnerIds: readonly number[];
  /** Members until now who are none any more. */
  readonly leaving: readonly number[];
}

export interface WorkspaceFile {
  readonly name: string;
  readonly folderId: number;
  readonly base64: string;
}

export interface WorkspaceDriver {
  readonly name: DriverName;
  /** As staff and operators call it. */
  readonly title: string;
  /** Run through its contract on a real server, not only on the sandbox (test/contract/erp/workspace.test.ts). */
  readonly proven: boolean;
  /** External id (of our module) that `setup erp` gives where this driver can work; null: it always can. */
  readonly anchor: string | null;
  readonly folderModel: string;
  readonly fileModel: string;
  /** Columns of a file that a newer content replaces. */
  readonly replaces: readonly string[];
  folder(folder: WorkspaceFolder): Values;
  file(file: WorkspaceFile): Values;
  /** A record the workspace refers to, that says who its members are; made before the tree, and put right later. */
  membership?(project: WorkspaceProject, name: string, members: Members): Wanted & { readonly model: string };
  /** Lets these partners in, and those out again, where the folders themselves say who may. Repeatable. */
  admit?(odoo: Odoo, workspace: Admission): Promise<void>;
  /** Path on the ERP where staff see the workspace, where it is not the record's own page. */
  page?(odoo: Odoo, workspaceId: number): Promise<string | null>;
}

/** Ids as a `load` takes those of a relation to many. */
export const idList = (ids: readonly number[]): Cell => ids.join(',');
