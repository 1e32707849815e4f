/** The page of a workspace that lies in our own folders: every file and folder below, whichever folder one stands in. */
import type { VersionFacts } from '../../../../connector/odoo/versions/facts.ts';
import { field, xml } from './xml.ts';

const ours = (name: string, attributes: Readonly<Record<string, string>> = {}) =>
  field(name, { readonly: '1', ...attributes });

export const folderForm = ({ listViewTag }: VersionFacts): string =>
  xml(
    'form',
    { string: 'Workspace', create: '0', delete: '0' },
    xml(
      'sheet',
      {},
      xml('div', { class: 'oe_title' }, xml('h1', {}, field('x_name'))),
      xml(
        'group',
        {},
        xml('group', {}, ours('x_partner_id'), ours('x_project_code')),
        xml(
          'group',
          {},
          ours('x_path', { invisible: 'not x_path' }),
          ours('x_parent_id', { invisible: 'not x_parent_id' }),
        ),
      ),
      xml('separator', { string: 'Files' }),
      // Odoo 17 would give it the width of an icon.
      ours('x_file_ids', { nolabel: '1', widget: 'many2many_binary', class: 'w-100' }),
      xml('separator', { string: 'Folders' }),
      xml(
        'field',
        { name: 'x_folder_ids', readonly: '1', nolabel: '1' },
        xml(listViewTag, { create: '0', delete: '0', default_order: 'x_path' }, field('x_path')),
      ),
    ),
  );
