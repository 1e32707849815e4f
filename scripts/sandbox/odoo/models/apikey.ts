/** API keys: kept as hashes, shown once. */
import { randomBytes } from 'node:crypto';
import { accessDenied } from '../errors.ts';
import { char, datetime, many2one } from '../orm/fields.ts';
import type { ModelSource } from '../orm/registry.ts';
import { isDatetime, toDatetime } from '../orm/time.ts';
import type { Erp, Row, Version } from '../orm/types.ts';
import { hashSecret } from './user.ts';

export interface NewKey {
  readonly uid: number;
  readonly scope: string;
  readonly name: string;
  /** `YYYY-MM-DD HH:MM:SS`, or false for no end. */
  readonly expires: string | false;
}

/** Makes a key and returns it, the only time it is readable. */
export function generateKey(erp: Erp, input: NewKey, key: string = randomBytes(20).toString('hex')): string {
  const now = toDatetime(erp.now());
  erp.tables.put('res.users.apikeys', {
    id: erp.tables.newId('res.users.apikeys'),
    name: input.name,
    user_id: input.uid,
    scope: input.scope,
    expiration_date: input.expires,
    create_date: now,
    create_uid: input.uid,
    write_date: now,
    write_uid: input.uid,
    _key: hashSecret(key),
  });
  return key;
}

/** The living key this secret is, if it is one. */
export function findKey(erp: Erp, secret: string): Row | undefined {
  const row = erp.tables.first('res.users.apikeys', '_key', hashSecret(secret));
  if (row === undefined) return undefined;
  const isOver = row.expiration_date && String(row.expiration_date) <= toDatetime(erp.now());
  return isOver ? undefined : row;
}

export const apikey = (version: Version): ModelSource => ({
  name: 'res.users.apikeys',
  description: 'Users API Keys',
  module: 'base',
  fields: {
    name: char('Description', { required: true, readonly: true }),
    user_id: many2one('User', 'res.users', { required: true, readonly: true, onDelete: 'cascade' }),
    scope: char('Scope', { readonly: true }),
    ...(version === 17 ? {} : { expiration_date: datetime('Expiration Date', { readonly: true }) }),
  },
  hooks: { rule: (env, row) => row.user_id === env.uid },
  methods:
    version === 19
      ? {
          generate: {
            onModel: true,
            params: ['key', 'scope', 'name', 'expiration_date'],
            required: 4,
            run({ env, args }) {
              if (findKey(env.erp, String(args.key))?.user_id !== env.uid) throw accessDenied();
              const expires = isDatetime(String(args.expiration_date)) ? String(args.expiration_date) : false;
              return generateKey(env.erp, {
                uid: env.uid,
                scope: String(args.scope),
                name: String(args.name),
                expires,
              });
            },
          },
          revoke: {
            onModel: true,
            params: ['key'],
            required: 1,
            run({ env, args }) {
              const row = findKey(env.erp, String(args.key));
              if (row?.user_id !== env.uid) throw accessDenied();
              env.erp.tables.remove('res.users.apikeys', row.id);
              return undefined;
            },
          },
        }
      : {},
});
