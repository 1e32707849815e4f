/** Applications for documents that a database may have: OCA `dms` as on a real 17, Odoo Documents as publicly documented. */
import type { ModelSource } from '../../orm/registry.ts';
import type { Version } from '../../orm/types.ts';
import type { GroupSeed } from '../../seed/groups.ts';
import type { Rights } from '../../seed/rights.ts';
import { dmsAccessGroup, dmsDirectory, dmsStorage } from './dms.ts';
import { dmsFile } from './dms-file.ts';
import { documentAccess, documentsDocument } from './documents.ts';
import { documents17Document, documentsFolder } from './documents-17.ts';

export type OdooModule = 'documents' | 'dms';

interface Module {
  readonly sources: (version: Version) => readonly ModelSource[];
  readonly groups: readonly GroupSeed[];
  readonly rights: Readonly<Record<string, Rights>>;
}

const USER = 'base.group_user';
const PORTAL = 'base.group_portal';

const groupsOf = (module: OdooModule, firstId: number): readonly GroupSeed[] => [
  {
    xmlid: `${module}.group_${module}_user`,
    id: firstId,
    category: 'Documents',
    name: 'User',
    implies: [USER],
  },
  {
    xmlid: `${module}.group_${module}_manager`,
    id: firstId + 1,
    category: 'Documents',
    name: 'Manager',
    implies: [`${module}.group_${module}_user`],
  },
];

const readBy = (...groups: string[]): Rights => groups.map((group) => [group, 'r'] as const);

export const MODULES: Readonly<Record<OdooModule, Module>> = {
  dms: {
    sources: () => [dmsStorage, dmsAccessGroup, dmsDirectory, dmsFile],
    groups: groupsOf('dms', 61),
    // As its ir.model.access.csv (17.0) has it.
    rights: {
      'dms.storage': [...readBy(USER, PORTAL, 'dms.group_dms_user'), ['dms.group_dms_manager', 'rwcd']],
      'dms.access.group': [...readBy(USER, PORTAL), ['dms.group_dms_user', 'rwcd']],
      'dms.directory': [...readBy(USER, PORTAL), ['dms.group_dms_user', 'rwcd']],
      'dms.file': [...readBy(USER, PORTAL), ['dms.group_dms_user', 'rwcd']],
    },
  },
  documents: {
    sources: (version) =>
      version >= 18 ? [documentsDocument, documentAccess] : [documentsFolder, documents17Document],
    groups: groupsOf('documents', 63),
    rights: {
      'documents.document': [...readBy(PORTAL), ['documents.group_documents_user', 'rwcd']],
      'documents.access': [['documents.group_documents_manager', 'rwcd']],
      'documents.folder': [
        ...readBy('documents.group_documents_user'),
        ['documents.group_documents_manager', 'rwcd'],
      ],
    },
  },
};
