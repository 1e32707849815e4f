/** Odoo Documents up to 17, as public modules that use it show: folders have a model of their own, rights by groups. */
import { binary, boolean, char, integer, many2many, many2one, selection } from '../../orm/fields.ts';
import { groupsOf, hasGroup } from '../../orm/groups.ts';
import type { ModelSource } from '../../orm/registry.ts';
import type { Env, Operation, Row } from '../../orm/types.ts';
import { isInternal } from '../document.ts';
import { withFile } from './documents.ts';

export const documentsFolder: ModelSource = {
  name: 'documents.folder',
  description: 'Documents Workspace',
  module: 'documents',
  order: 'sequence, id',
  fields: {
    name: char('Name', { required: true }),
    sequence: integer('Sequence', { defaultValue: 10 }),
    company_id: many2one('Company', 'res.company'),
    parent_folder_id: many2one('Parent Workspace', 'documents.folder', { onDelete: 'cascade' }),
    group_ids: many2many('Write Groups', 'res.groups'),
    read_group_ids: many2many('Read Groups', 'res.groups'),
  },
  hooks: { rule: mayIn },
};

export const documents17Document: ModelSource = {
  name: 'documents.document',
  description: 'Document',
  module: 'documents',
  thread: true,
  fields: {
    name: char('Name', { required: true }),
    active: boolean('Active', { defaultValue: true }),
    type: selection(
      'Type',
      [
        ['url', 'URL'],
        ['binary', 'File'],
        ['empty', 'Request'],
      ],
      { required: true, defaultValue: 'binary' },
    ),
    folder_id: many2one('Workspace', 'documents.folder', { required: true, onDelete: 'restrict' }),
    owner_id: many2one('Owner', 'res.users', { defaultOf: ({ uid }) => uid }),
    datas: binary('File Content (base64)', {
      compute: (_, row) => row._content ?? false,
      spread: (value) => ({ _content: value }),
    }),
    mimetype: char('Mime Type', { readonly: true }),
    file_size: integer('File Size', { readonly: true }),
  },
  hooks: {
    creating: (_, vals) => withFile(vals),
    writing: (_, __, vals) => ('_content' in vals ? withFile(vals) : vals),
    rule: (env, row, operation) => {
      const folder = env.erp.tables.get('documents.folder', Number(row.folder_id));
      return folder !== undefined && mayIn(env, folder, operation);
    },
  },
};

/** A folder without groups is every internal user's. */
function mayIn(env: Env, folder: Row, operation: Operation): boolean {
  if (!isInternal(env)) return false;
  if (hasGroup(env, 'documents.group_documents_manager')) return true;
  const [writers, readers] = [folder.group_ids as number[], folder.read_group_ids as number[]];
  if (writers.length + readers.length === 0) return true;
  const held = groupsOf(env.erp, env.uid);
  const allowed = operation === 'read' ? [...writers, ...readers] : writers;
  return allowed.some((group) => held.has(group));
}
