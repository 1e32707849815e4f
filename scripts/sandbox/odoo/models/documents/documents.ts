/** Odoo Documents from 18 on, as its public documentation and public modules that use it show: one model, folders in it. */
import { binary, boolean, char, datetime, integer, many2one, one2many, selection } from '../../orm/fields.ts';
import { hasGroup } from '../../orm/groups.ts';
import type { ModelSource } from '../../orm/registry.ts';
import { type Env, type Operation, type Row, sudo, type Vals } from '../../orm/types.ts';
import { unlink } from '../../orm/unlink.ts';
import { contentTypeOf } from '../content-type.ts';
import { isInternal } from '../document.ts';

const MODEL = 'documents.document';
const ROLES = [
  ['view', 'Viewer'],
  ['edit', 'Editor'],
] as const;
const LEVELS = [...ROLES, ['none', 'None']] as const;
const INHERITED = ['access_internal', 'access_via_link', 'is_access_via_link_hidden'] as const;

export const documentAccess: ModelSource = {
  name: 'documents.access',
  description: 'Document / Partner',
  module: 'documents',
  fields: {
    document_id: many2one('Document', MODEL, { required: true, onDelete: 'cascade' }),
    partner_id: many2one('Partner', 'res.partner', { required: true, onDelete: 'cascade' }),
    role: selection('Role', ROLES),
    expiration_date: datetime('Expiration'),
  },
};

export const documentsDocument: ModelSource = {
  name: MODEL,
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
        ['folder', 'Folder'],
      ],
      { required: true, defaultValue: 'binary' },
    ),
    folder_id: many2one('Parent Folder', MODEL, { onDelete: 'cascade' }),
    owner_id: many2one('Owner', 'res.users', { defaultOf: ({ uid }) => uid }),
    partner_id: many2one('Contact', 'res.partner'),
    access_internal: selection('Internal Users Rights', LEVELS),
    access_via_link: selection('Link Access Rights', LEVELS),
    is_access_via_link_hidden: boolean('Link Access Hidden'),
    access_ids: one2many('Allowed Access', 'documents.access', 'document_id'),
    access_token: char('Access Token', { defaultOf: () => crypto.randomUUID() }),
    access_url: char('Access url', {
      compute: (env, row) => `${env.erp.url()}/odoo/documents/${row.access_token}`,
    }),
    datas: binary('File Content (base64)', {
      compute: (_, row) => row._content ?? false,
      spread: (value) => ({ _content: value }),
    }),
    mimetype: char('Mime Type', { readonly: true }),
    file_size: integer('File Size', { readonly: true }),
  },
  hooks: {
    creating: (env, vals, given) => withFile(inherit(env, vals, given)),
    writing: (_, __, vals) => ('_content' in vals ? withFile(vals) : vals),
    created: (env, row) => {
      for (const access of accessOf(env, Number(row.folder_id)))
        setAccess(env, { document: row.id, partner: Number(access.partner_id), role: access.role });
    },
    rule: (env, row, operation) => allows(permission(env, row, operation), operation),
  },
  methods: {
    action_update_access_rights: {
      params: ['access_internal', 'access_via_link', 'is_access_via_link_hidden', 'partners', 'notify'],
      run: ({ env, ids, args }) => {
        for (const id of ids) updateRights(env, id, args);
        return true;
      },
    },
  },
};

/** What is not said of a new document is as in its folder. */
function inherit(env: Env, vals: Vals, given: Vals): Vals {
  const folder = env.erp.tables.get(MODEL, Number(vals.folder_id));
  const rights = INHERITED.map((name) => [
    name,
    given[name] ?? folder?.[name] ?? (name === 'is_access_via_link_hidden' ? false : 'none'),
  ]);
  return { ...vals, ...Object.fromEntries(rights) };
}

const accessOf = (env: Env, document: number): Row[] =>
  [...(env.erp.tables.lookup('documents.access', 'document_id', document) ?? [])].map(
    (id) => env.erp.tables.get('documents.access', id)!,
  );

function setAccess(env: Env, input: { document: number; partner: number; role: unknown }): void {
  const { tables, registry } = env.erp;
  const known = accessOf(env, input.document).find((access) => access.partner_id === input.partner);
  if (!input.role) {
    if (known !== undefined) unlink(sudo(env), registry.get('documents.access'), [known.id]);
    return;
  }
  tables.put('documents.access', {
    expiration_date: false,
    ...known,
    id: known?.id ?? tables.newId('documents.access'),
    document_id: input.document,
    partner_id: input.partner,
    role: input.role,
  });
}

function updateRights(env: Env, id: number, args: Readonly<Record<string, unknown>>): void {
  const { tables } = env.erp;
  const row = tables.get(MODEL, id)!;
  const said = INHERITED.filter((name) => args[name] !== undefined && args[name] !== null);
  tables.put(MODEL, { ...row, ...Object.fromEntries(said.map((name) => [name, args[name]])) });
  for (const [partner, [role]] of Object.entries((args.partners ?? {}) as Record<string, [unknown]>))
    setAccess(env, { document: id, partner: Number(partner), role });
  for (const child of tables.lookup(MODEL, 'folder_id', id) ?? []) updateRights(env, child, args);
}

type Level = 'none' | 'view' | 'edit';

function permission(env: Env, row: Row, operation: Operation): Level {
  if (row.owner_id === env.uid && (operation !== 'create' || row.folder_id === false)) return 'edit';
  if (hasGroup(env, 'documents.group_documents_manager')) return 'edit';
  // Whether something may be put into a folder is for the folder to say.
  const deciding = operation === 'create' ? env.erp.tables.get(MODEL, Number(row.folder_id)) : row;
  if (deciding === undefined) return 'none';
  if (operation === 'create' && deciding.owner_id === env.uid) return 'edit';
  const partner = env.erp.tables.get('res.users', env.uid)?.partner_id;
  const own = accessOf(env, deciding.id).find((access) => access.partner_id === partner)?.role;
  const internal = isInternal(env) ? deciding.access_internal : 'none';
  return own === 'edit' || internal === 'edit'
    ? 'edit'
    : own === 'view' || internal === 'view'
      ? 'view'
      : 'none';
}

const allows = (level: Level, operation: Operation): boolean =>
  operation === 'read' ? level !== 'none' : level === 'edit';

export function withFile(vals: Vals): Vals {
  if (!vals._content) return vals;
  const content = Buffer.from(String(vals._content), 'base64');
  return { ...vals, file_size: content.length, mimetype: contentTypeOf(String(vals.name ?? ''), content) };
}
