/** Files. */
import { createHash } from 'node:crypto';
import { accessError, OdooError } from '../errors.ts';
import { mayAccess } from '../orm/access.ts';
import { binary, boolean, char, integer, many2one, reference, selection, text } from '../orm/fields.ts';
import type { ModelSource } from '../orm/registry.ts';
import type { Env, Operation, Row, Vals, Version } from '../orm/types.ts';
import { contentTypeOf } from './content-type.ts';
import { isInternal, nameOfTarget } from './document.ts';

const CLEAN = /^[A-Za-z0-9+/]*={0,2}$/;

/** Base64 as Python's lenient decoder takes it: what is not of the alphabet is skipped, a broken end is an error. */
function decodeFile(value: unknown, version: Version): Buffer {
  const given = String(value);
  // Most files come clean, and large: the test is cheaper than a copy.
  const source = CLEAN.test(given) ? given : given.replaceAll(/[^A-Za-z0-9+/=]/g, '');
  if (version !== 19 && source.replaceAll('=', '').length % 4 === 1)
    throw new OdooError(
      'binascii.Error',
      'Invalid base64-encoded string: number of data characters cannot be 1 more than a multiple of 4',
    );
  return Buffer.from(source, 'base64');
}

function withFile(env: Env, vals: Vals): Vals {
  if (!('datas' in vals) && !('raw' in vals)) return vals;
  const { datas, raw, ...rest } = vals;
  const content = datas
    ? decodeFile(datas, env.erp.version)
    : raw
      ? Buffer.from(String(raw))
      : Buffer.alloc(0);
  return {
    ...rest,
    _content: content.length === 0 ? false : content.toString('base64'),
    file_size: content.length,
    checksum:
      content.length === 0 && env.erp.version === 19
        ? false
        : createHash('sha1').update(content).digest('hex'),
    mimetype: vals.mimetype || contentTypeOf(String(vals.name ?? ''), content),
  };
}

/** A file is as open as the record it is attached to. */
function mayTouch(env: Env, row: Row, operation: Operation): boolean {
  if (!row.res_model || !row.res_id) return isInternal(env) || row.create_uid === env.uid;
  const model = env.erp.registry.find(String(row.res_model));
  const target = model === undefined ? undefined : env.erp.tables.get(model.name, Number(row.res_id));
  if (model === undefined || target === undefined)
    return env.erp.version !== 19 || operation === 'read' ? isInternal(env) : false;
  const needed: Operation = operation === 'read' ? 'read' : 'write';
  return mayAccess(env, model, needed) && (model.hooks.rule?.(env, target, needed) ?? true);
}

const refuseFile = () => accessError('Sorry, you are not allowed to access this document.');

export const attachment: ModelSource = {
  name: 'ir.attachment',
  description: 'Attachment',
  module: 'base',
  order: 'id desc',
  fields: {
    name: char('Name', { required: true }),
    description: text('Description'),
    res_name: char('Resource Name', {
      readonly: true,
      compute: (env, row) => nameOfTarget(env, row.res_model, row.res_id),
    }),
    res_model: char('Resource Model'),
    res_field: char('Resource Field'),
    res_id: reference('Resource ID'),
    company_id: many2one('Company', 'res.company', { defaultValue: 1 }),
    type: selection(
      'Type',
      [
        ['url', 'URL'],
        ['binary', 'File'],
      ],
      { required: true, defaultValue: 'binary' },
    ),
    url: char('Url'),
    public: boolean('Is public document'),
    access_token: char('Access Token', { group: 'base.group_user' }),
    datas: binary('File Content (base64)', { compute: fileContent, spread: (value) => ({ datas: value }) }),
    raw: binary('File Content (raw)', {
      compute: (env, row) => Buffer.from(fileContent(env, row), 'base64').toString(),
      spread: (value) => ({ raw: value }),
    }),
    mimetype: char('Mime Type'),
    file_size: integer('File Size', { readonly: true }),
    checksum: char('Checksum/SHA1', { readonly: true, index: true }),
  },
  hooks: {
    creating(env, vals) {
      const filled = withFile(env, vals);
      return 'mimetype' in filled ? filled : { ...filled, mimetype: 'application/octet-stream' };
    },
    created(env, row) {
      // Odoo 19 looks whether the record is there even for an administrator; before, a wrong id was taken silently.
      if (!mayTouch(env, row, 'create') && (!env.su || env.erp.version === 19) && row.res_model)
        throw refuseFile();
    },
    writing: (env, _, vals) => withFile(env, vals),
    rule: mayTouch,
  },
  methods: {
    generate_access_token: {
      params: [],
      run({ env, ids }) {
        return ids.map((id) => {
          const row = env.erp.tables.get('ir.attachment', id)!;
          const token = row.access_token || crypto.randomUUID();
          env.erp.tables.put('ir.attachment', { ...row, access_token: token });
          return token;
        });
      },
    },
  },
};

function fileContent(_: Env, row: Row): string {
  return row._content ? String(row._content) : '';
}
