/** Set-password links: signed, for one user, for some hours, dead after the first login. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Erp, Row } from './orm/types.ts';

const LIFETIME_MS = 4 * 3600 * 1000;

const secretOf = (erp: Erp) =>
  String(erp.tables.first('ir.config_parameter', 'key', 'database.secret')?.value ?? '');

const stateOf = (user: Row) => `${user.login_date || ''}|${user._password || ''}`;

const sign = (erp: Erp, text: string) => createHmac('sha256', secretOf(erp)).update(text).digest('base64url');

export function mintResetUrl(erp: Erp, user: Row): string {
  const claim = [user.id, erp.now().getTime() + LIFETIME_MS].join('.');
  const token = `${claim}.${sign(erp, `${claim}|${stateOf(user)}`)}`;
  return `${erp.url()}/web/reset_password?db=${erp.db}&token=${encodeURIComponent(token)}`;
}

/** The user a link is for; undefined when it is forged, over or used. */
export function readResetToken(erp: Erp, token: string): Row | undefined {
  const [uid = '', until = '', signature = ''] = token.split('.');
  const user = erp.tables.get('res.users', Number(uid));
  if (user === undefined || user.active !== true || Number(until) < erp.now().getTime()) return undefined;
  const expected = Buffer.from(sign(erp, `${uid}.${until}|${stateOf(user)}`));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected) ? user : undefined;
}
