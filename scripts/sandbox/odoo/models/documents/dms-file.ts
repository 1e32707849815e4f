import { createHash } from 'node:crypto';
import { validationError } from '../../errors.ts';
import { binary, boolean, char, float, many2one } from '../../orm/fields.ts';
import type { ModelSource } from '../../orm/registry.ts';
import type { Env, Row, Vals } from '../../orm/types.ts';
import { contentTypeOf } from '../content-type.ts';
import { checkName, mayIn } from './dms.ts';

// Parameter dms.binary_max_size, in MiB.
const MAX_MIB = 25;

/** A file of OCA `dms`: as open as its directory. */
export const dmsFile: ModelSource = {
  name: 'dms.file',
  description: 'File',
  module: 'dms',
  thread: true,
  order: 'name',
  fields: {
    name: char('Name', { required: true }),
    active: boolean('Archived', { defaultValue: true }),
    directory_id: many2one('Directory', 'dms.directory', { required: true, onDelete: 'restrict' }),
    content: binary('Content', {
      compute: (_, row) => row._content ?? false,
      spread: (value) => ({ _content: value }),
    }),
    mimetype: char('Type', { readonly: true }),
    extension: char('Extension', { readonly: true }),
    size: float('Size', { readonly: true }),
    checksum: char('Checksum/SHA1', { readonly: true, index: true }),
  },
  hooks: {
    creating: (_, vals) => withContent(vals),
    writing: (_, __, vals) => ('_content' in vals ? withContent(vals) : vals),
    created: check,
    written: check,
    rule: (env, row, operation) => {
      const directory = env.erp.tables.get('dms.directory', Number(row.directory_id));
      return directory !== undefined && mayIn(env, directory, operation);
    },
  },
};

function withContent(vals: Vals): Vals {
  const content = Buffer.from(String(vals._content || ''), 'base64');
  return {
    ...vals,
    size: content.length,
    checksum: createHash('sha1').update(content).digest('hex'),
    mimetype: contentTypeOf(String(vals.name ?? ''), content),
    ...(vals.name !== undefined && { extension: String(vals.name).split('.').at(-1) }),
  };
}

function check(env: Env, row: Row): void {
  checkName(row, 'The file name is invalid.');
  if (Number(row.size) > MAX_MIB * 1024 * 1024)
    throw validationError(`The maximum upload size is ${MAX_MIB} MB.`);
  for (const id of env.erp.tables.lookup('dms.file', 'directory_id', row.directory_id) ?? [])
    if (id !== row.id && env.erp.tables.get('dms.file', id)?.name === row.name)
      throw validationError('A file with the same name already exists in this directory.');
}
