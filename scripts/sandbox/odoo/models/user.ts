/** Users: each delegates to a partner; groups say what they may do. */
import { createHash } from 'node:crypto';
import { userError, validationError } from '../errors.ts';
import { boolean, char, html, many2many, many2one, one2many, selection } from '../orm/fields.ts';
import { groupField, groupId, groupsOf, withImplied } from '../orm/groups.ts';
import type { ModelSource } from '../orm/registry.ts';
import { type Env, type Field, type Method, type Row, sudo, type Vals, type Version } from '../orm/types.ts';
import { write } from '../orm/write.ts';
import { passwordMethods } from './signup.ts';

/** What may log in is never kept in clear; one round is enough for a sandbox. */
export const hashSecret = (secret: string): string =>
  createHash('sha256').update(`sandbox:${secret}`).digest('hex');

const ofPartner = (field: Field): Field => ({ ...field, via: 'partner_id' });

function hidden(vals: Vals): Vals {
  const { password, ...rest } = vals;
  return {
    ...rest,
    ...(password ? { _password: hashSecret(String(password)) } : {}),
    ...(typeof rest.login === 'string' ? { _login_lower: rest.login.toLowerCase() } : {}),
  };
}

/** Exactly one of internal, portal and public; since 19 implied groups are not written down, before they are. */
function settleGroups(env: Env, row: Row): void {
  const { erp } = env;
  const name = groupField(erp);
  const given = (row[name] as number[] | undefined) ?? [];
  const all = withImplied(erp, given);
  const types = ['base.group_user', 'base.group_portal', 'base.group_public'].filter((xmlid) =>
    all.has(groupId(erp, xmlid)),
  );
  if (types.length > 1) {
    const partner = erp.tables.get('res.partner', Number(row.partner_id));
    const titles = types.map((xmlid) => `'${TYPE_TITLES[xmlid]}'`).join(', ');
    throw validationError(
      erp.version === 19
        ? `User '${partner?.name}' cannot be at the same time in exclusive groups ${titles}.`
        : 'The user cannot have more than one user types.',
    );
  }
  const share = !all.has(groupId(erp, 'base.group_user'));
  const groups = erp.version === 19 ? given : [...all];
  if (share !== row.share || groups.length !== given.length)
    erp.tables.put('res.users', { ...row, share, [name]: groups });
}

const TYPE_TITLES: Readonly<Record<string, string>> = {
  'base.group_user': 'Role / User',
  'base.group_portal': 'Role / Portal',
  'base.group_public': 'Role / Public',
};

/** Users made without groups get those of the template for new users: internal, with what this company gives everybody. */
export function defaultGroups(env: Env): number[] {
  const { erp } = env;
  return erp.version === 19
    ? [groupId(erp, 'base.group_user')]
    : [
        ...withImplied(
          erp,
          ['base.group_user', 'base.group_partner_manager'].map((xmlid) => groupId(erp, xmlid)),
        ),
      ];
}

/** The administrator; OdooBot comes before. */
const ADMIN = 2;

/** What people may change on their own user without any right on users. */
const OWN = new Set([
  'signature',
  'email',
  'name',
  'lang',
  'tz',
  'phone',
  'notification_type',
  'company_id',
  'password',
]);

const WRITE: Method = {
  params: ['vals'],
  required: 1,
  run({ env, model, ids, args }) {
    const vals = args.vals as Vals;
    const isOwn = ids.every((id) => id === env.uid) && Object.keys(vals).every((name) => OWN.has(name));
    write(isOwn ? sudo(env) : env, model, ids, vals);
    return true;
  },
};

/** By default a new user with an address is invited by mail at once; the sandbox only notes that it would have been. */
function noteInvitation(env: Env, row: Row): void {
  const partner = env.erp.tables.get('res.partner', Number(row.partner_id));
  if (env.context.no_reset_password === true || !partner?.email) return;
  const { tables } = env.erp;
  tables.put('mail.mail', {
    id: tables.newId('mail.mail'),
    subject: 'Welcome to Odoo',
    email_to: partner.email,
    state: 'exception',
    _user_id: row.id,
  });
}

export const user = (version: Version): ModelSource => ({
  name: 'res.users',
  description: 'User',
  module: 'base',
  order: 'name, login',
  unique: [
    {
      fields: ['login'],
      field: 'login',
      ...(version === 19
        ? {}
        : {
            bare: "The value for the field 'login' already exists (this is probably 'Login' in the current model).",
          }),
      message: () => 'You can not have two users with the same login!',
    },
  ],
  fields: {
    partner_id: many2one('Related Partner', 'res.partner', { required: true, onDelete: 'restrict' }),
    login: char('Login', { required: true, index: true }),
    password: char('Password', { compute: () => '', spread: (value) => ({ password: value }) }),
    active: boolean('Active', { defaultValue: true }),
    share: boolean('Share User', { readonly: true }),
    [version === 19 ? 'group_ids' : 'groups_id']: many2many('Groups', 'res.groups', {
      defaultOf: defaultGroups,
    }),
    ...(version === 19
      ? {
          all_group_ids: many2many('Groups and implied groups', 'res.groups', {
            readonly: true,
            compute: (env: Env, row: Row) => [...groupsOf(env.erp, row.id)],
          }),
        }
      : {}),
    company_id: many2one('Company', 'res.company', { required: true, defaultValue: 1 }),
    company_ids: many2many('Companies', 'res.company', { defaultOf: () => [[6, 0, [1]]] }),
    signature: html('Email Signature'),
    notification_type: selection(
      'Notification',
      [
        ['email', version === 19 ? 'By Emails' : 'Handle by Emails'],
        ['inbox', version === 19 ? 'In Odoo' : 'Handle in Odoo'],
      ],
      { required: true, defaultValue: 'email' },
    ),
    api_key_ids: one2many('API Keys', 'res.users.apikeys', 'user_id'),
    login_date: { ...char('Latest Login'), type: 'datetime', readonly: true },
    state: selection(
      'Status',
      [
        ['new', 'Invited'],
        ['active', 'Confirmed'],
      ],
      {
        readonly: true,
        compute: (_, row) => (row.login_date ? 'active' : 'new'),
      },
    ),
    name: ofPartner(char('Name')),
    email: ofPartner(char('Email')),
    phone: ofPartner(char('Phone')),
    lang: ofPartner(selection('Language', [['en_US', 'English (US)']])),
    tz: ofPartner(char('Timezone')),
    function: ofPartner(char('Job Position')),
    parent_id: ofPartner(many2one('Related Company', 'res.partner')),
    is_company: ofPartner(boolean('Is a Company')),
    country_id: ofPartner(many2one('Country', 'res.country')),
    signup_type: ofPartner(char('Signup Token Type')),
  },
  hooks: {
    displayName: (env, row) =>
      String(env.erp.tables.get('res.partner', Number(row.partner_id))?.name ?? row.login),
    creating: (_, vals) => hidden(vals),
    created(env, row) {
      settleGroups(env, row);
      noteInvitation(env, row);
    },
    writing: (_, __, vals) => hidden(vals),
    written: (env, row) => settleGroups(env, row),
    deleting(_, row) {
      if (row.id <= ADMIN)
        throw userError(
          'You cannot delete the admin user because it is utilized in various places (such as security configurations,...). Instead, archive it.',
        );
    },
    /** Portal users see themselves only; nobody but administrators of users changes another. */
    rule: (env, row, operation) =>
      operation === 'create' ||
      row.id === env.uid ||
      groupsOf(env.erp, env.uid).has(groupId(env.erp, 'base.group_user')),
  },
  methods: { ...passwordMethods(version), write: WRITE },
});
