/** Who calls: by login and password or API key. */
import { accessDenied, OdooError } from '../errors.ts';
import { findKey } from '../models/apikey.ts';
import { hashSecret } from '../models/user.ts';
import { toDatetime } from '../orm/time.ts';
import type { Erp, Row } from '../orm/types.ts';

/** @throws OdooError as PostgreSQL's complaint, which is what Odoo passes on */
export function checkDatabase(erp: Erp, db: unknown): void {
  if (db !== erp.db)
    throw new OdooError(
      'psycopg2.OperationalError',
      `connection to server at "127.0.0.1", port 5432 failed: FATAL:  database "${db}" does not exist\n`,
    );
}

function isSecretOf(erp: Erp, user: Row, secret: unknown): boolean {
  if (typeof secret !== 'string' || secret === '') return false;
  return user._password === hashSecret(secret) || findKey(erp, secret)?.user_id === user.id;
}

/** The user's id, or false: a wrong password is no error here. Counts as a login. */
export function authenticate(erp: Erp, login: unknown, secret: unknown): number | false {
  const user = erp.tables.first('res.users', 'login', login);
  if (user === undefined || user.active !== true || !isSecretOf(erp, user, secret)) return false;
  noteLogin(erp, user);
  return user.id;
}

export function noteLogin(erp: Erp, user: Row): void {
  erp.tables.transaction(() =>
    erp.tables.put('res.users', {
      ...erp.tables.get('res.users', user.id)!,
      login_date: toDatetime(erp.now()),
    }),
  );
}

/** @throws OdooError AccessDenied */
export function checkCredentials(erp: Erp, uid: unknown, secret: unknown): number {
  const user = erp.tables.get('res.users', Number(uid));
  if (user === undefined || user.active !== true || !isSecretOf(erp, user, secret)) throw accessDenied();
  return user.id;
}

/** The user of a bearer key; undefined when it is none. */
export function userOfKey(erp: Erp, key: string): number | undefined {
  const uid = findKey(erp, key)?.user_id;
  const user = uid === undefined ? undefined : erp.tables.get('res.users', Number(uid));
  return user?.active === true ? user.id : undefined;
}
