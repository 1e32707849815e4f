/** The ERP in a test's or the demo's hands: reading its state past all rights, and acting as staff. */

import { mergePartners } from './models/merge-partners.ts';
import { create } from './orm/create.ts';
import { systemEnv } from './orm/env.ts';
import { resolveXmlid } from './orm/external-ids.ts';
import { groupField, groupId } from './orm/groups.ts';
import { readRows } from './orm/read.ts';
import type { Erp, Row, Vals } from './orm/types.ts';
import { unlink } from './orm/unlink.ts';
import { write } from './orm/write.ts';
import { ADMIN_ID, ADMIN_KEY, ADMIN_LOGIN } from './seed/seed-people.ts';

/** A record as an administrator would read it, archived ones included. */
export type OdooRecord = Record<string, unknown> & { readonly id: number };

export interface OdooSandbox {
  readonly db: string;
  readonly version: 17 | 18 | 19;
  readonly adminLogin: string;
  readonly adminApiKey: string;
  /** All records of a model, in the order of creation. */
  records(model: string): OdooRecord[];
  find(model: string, predicate: (record: OdooRecord) => boolean): OdooRecord | undefined;
  read(model: string, id: number): OdooRecord | undefined;
  /** The record behind an external id (`module.name`). */
  byXmlid(xmlid: string): OdooRecord | undefined;
  count(model: string): number;
  /** Invitations Odoo would have mailed, because a user was made without `no_reset_password`. */
  invitations(): { userId: number; email: string }[];
  /** What an administrator does at the screen. */
  readonly staff: {
    create(model: string, values: Vals): number;
    edit(model: string, id: number, values: Vals): void;
    delete(model: string, id: number): void;
    archive(model: string, id: number): void;
    unarchive(model: string, id: number): void;
    /** As Odoo's contact merge: all that pointed to the first points to the second, and the first is gone. */
    mergePartners(from: number, into: number): void;
    archiveUser(id: number): void;
    /** Group names are external ids; without any: a plain internal user. */
    createInternalUser(input: {
      login: string;
      name?: string;
      email?: string;
      password?: string;
      groups?: readonly string[];
    }): number;
    createPortalUser(input: { login: string; name?: string; partnerId?: number; password?: string }): number;
  };
}

export function createHandle(erp: Erp): OdooSandbox {
  const env = { ...systemEnv(erp, ADMIN_ID), context: { active_test: false, no_reset_password: true } };
  const { tables, registry } = erp;
  const within = <T>(work: () => T): T => tables.transaction(work);
  const shown = (model: string, rows: Row[]): OdooRecord[] =>
    readRows(env, registry.get(model), rows) as OdooRecord[];
  const read = (model: string, id: number) => {
    const row = tables.get(model, id);
    return row === undefined ? undefined : shown(model, [row])[0];
  };
  const records = (model: string) =>
    registry.find(model) === undefined ? [] : shown(model, [...tables.all(model)]);
  const edit = (model: string, id: number, values: Vals) =>
    within(() => write(env, registry.get(model), [id], values));
  const flag = (model: string) => (registry.get(model).fields.has('active') ? 'active' : 'x_active');
  const createUser = (values: Vals) => within(() => create(env, registry.get('res.users'), values).id);

  return {
    db: erp.db,
    version: erp.version,
    adminLogin: ADMIN_LOGIN,
    adminApiKey: ADMIN_KEY,
    records,
    read,
    find: (model, predicate) => records(model).find(predicate),
    byXmlid(xmlid) {
      const target = resolveXmlid(erp, xmlid);
      return target === undefined ? undefined : read(target.model, target.id);
    },
    count: (model) => tables.count(model),
    invitations: () =>
      [...tables.all('mail.mail')].map((row) => ({
        userId: Number(row._user_id),
        email: String(row.email_to),
      })),
    staff: {
      create: (model, values) => within(() => create(env, registry.get(model), values).id),
      edit,
      delete: (model, id) => within(() => unlink(env, registry.get(model), [id])),
      archive: (model, id) => edit(model, id, { [flag(model)]: false }),
      unarchive: (model, id) => edit(model, id, { [flag(model)]: true }),
      mergePartners: (from, into) => within(() => mergePartners(erp, from, into)),
      archiveUser: (id) => edit('res.users', id, { active: false }),
      createInternalUser: ({ login, name, email, password, groups }) =>
        createUser({
          login,
          name: name ?? login,
          ...(email === undefined ? {} : { email }),
          ...(password === undefined ? {} : { password }),
          [groupField(erp)]: [
            [6, 0, ['base.group_user', ...(groups ?? [])].map((xmlid) => groupId(erp, xmlid))],
          ],
        }),
      createPortalUser: ({ login, name, partnerId, password }) =>
        createUser({
          login,
          ...(partnerId === undefined ? { name: name ?? login, email: login } : { partner_id: partnerId }),
          ...(password === undefined ? {} : { password }),
          [groupField(erp)]: [[6, 0, [groupId(erp, 'base.group_portal')]]],
        }),
    },
  };
}
