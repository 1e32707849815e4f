/** Companies and contacts. */
import { integrityError, redirectWarning, validationError } from '../errors.ts';
import { boolean, char, html, integer, many2many, many2one, one2many, selection } from '../orm/fields.ts';
import { groupId, groupsOf } from '../orm/groups.ts';
import type { ModelSource } from '../orm/registry.ts';
import type { Env, Row, Vals, Version } from '../orm/types.ts';
import { commercial, normalizedEmail, takeFromCompany } from './partner-family.ts';
import { signupMethods, signupUrl } from './signup.ts';
import { cleanVat, isPlausibleVat, vatComplaint } from './vat.ts';

const fullName = (env: Env, row: Row): string => {
  const parent = env.erp.tables.get('res.partner', Number(row.parent_id || 0));
  const own = row.name === false ? '' : String(row.name);
  return parent === undefined || row.is_company === true ? own : `${parent.name}, ${own}`;
};

const country = (env: Env, row: Row) => env.erp.tables.get('res.country', Number(row.country_id || 0));

const activeUserOf = (env: Env, partner: Row) =>
  [...(env.erp.tables.lookup('res.users', 'partner_id', partner.id) ?? [])]
    .map((id) => env.erp.tables.get('res.users', id)!)
    .find((user) => user.active === true);

function refuseForUser(env: Env, row: Row, deed: string, advice: string): void {
  const user = activeUserOf(env, row);
  if (user !== undefined)
    throw redirectWarning(
      `You cannot ${deed} contacts linked to an active user.\n${advice}\n\nLinked active users : ${row.name}`,
    );
}

function checkVat(env: Env, row: Row): void {
  if (!row.vat) return;
  const code = country(env, row)?.code;
  if (
    !isPlausibleVat({
      vat: String(row.vat),
      country: typeof code === 'string' ? code : undefined,
      version: env.erp.version,
    })
  )
    throw validationError(
      vatComplaint({
        vat: String(row.vat),
        name: String(row.name),
        country: String(code),
        version: env.erp.version,
      }),
    );
}

function checkName(row: Row): void {
  if ((row.type === 'contact' || row.type === false) && !row.name)
    throw integrityError('Contacts require a name');
}

function checkParents(env: Env, row: Row): void {
  const seen = new Set<number>();
  for (let current: Row | undefined = row; current !== undefined; ) {
    if (seen.has(current.id)) throw validationError('You cannot create recursive Partner hierarchies.');
    seen.add(current.id);
    current = env.erp.tables.get('res.partner', Number(current.parent_id || 0));
  }
}

/** People are looked up by address, whatever its case. */
const withIndexedEmail = (vals: Vals): Vals =>
  'email' in vals ? { ...vals, _email: normalizedEmail(vals.email) } : vals;

const withCleanVat = (vals: Vals): Vals => (vals.vat ? { ...vals, vat: cleanVat(String(vals.vat)) } : vals);

export const partner = (version: Version): ModelSource => ({
  name: 'res.partner',
  description: 'Contact',
  module: 'base',
  order: 'complete_name ASC, id DESC',
  thread: true,
  fields: {
    name: char('Name', { index: true }),
    complete_name: char('Complete Name', { readonly: true, compute: fullName }),
    is_company: boolean('Is a Company'),
    company_type: selection(
      'Company Type',
      [
        ['person', version === 19 ? 'Person' : 'Individual'],
        ['company', 'Company'],
      ],
      {
        compute: (_, row) => (row.is_company === true ? 'company' : 'person'),
        spread: (value) => ({ is_company: value === 'company' }),
      },
    ),
    type: selection(
      'Address Type',
      version === 19
        ? [
            ['contact', 'Contact'],
            ['invoice', 'Invoice'],
            ['delivery', 'Delivery'],
            ['other', 'Other'],
          ]
        : [
            ['contact', 'Contact'],
            ['invoice', 'Invoice Address'],
            ['delivery', 'Delivery Address'],
            ['other', 'Other Address'],
          ],
      { defaultValue: 'contact' },
    ),
    parent_id: many2one('Related Company', 'res.partner'),
    child_ids: one2many('Contact', 'res.partner', 'parent_id'),
    commercial_partner_id: many2one('Commercial Entity', 'res.partner', {
      readonly: true,
      compute: (env, row) => commercial(env, row).id,
    }),
    company_name: char('Company Name'),
    email: char('Email', { index: true }),
    email_normalized: char('Normalized Email', {
      readonly: true,
      compute: (_, row) => normalizedEmail(row.email),
    }),
    phone: char('Phone'),
    ...(version === 19 ? {} : { mobile: char('Mobile') }),
    website: char('Website Link'),
    function: char('Job Position'),
    street: char('Street'),
    street2: char('Street2'),
    zip: char('Zip'),
    city: char('City'),
    state_id: many2one('State', 'res.country.state'),
    country_id: many2one('Country', 'res.country', { onDelete: 'restrict' }),
    country_code: char('Country Code', {
      readonly: true,
      compute: (env, row) => country(env, row)?.code ?? false,
    }),
    vat: char('Tax ID', { index: true }),
    company_registry: char('Company ID'),
    ref: char('Reference', { index: true }),
    lang: selection('Language', [['en_US', 'English (US)']], { defaultValue: 'en_US' }),
    tz: char('Timezone', { defaultOf: () => false }),
    comment: html('Notes'),
    category_id: many2many('Tags', 'res.partner.category'),
    user_id: many2one('Salesperson', 'res.users'),
    user_ids: one2many('Users', 'res.users', 'partner_id'),
    company_id: many2one('Company', 'res.company'),
    active: boolean('Active', { defaultValue: true }),
    color: integer('Color Index'),
    signup_type: char('Signup Token Type', { copied: false }),
    ...(version === 17
      ? {
          signup_token: char('Signup Token', {
            group: 'base.group_erp_manager',
            compute: (env: Env, row: Row) => (signupUrl(env, row) || '').split('token=')[1] ?? false,
          }),
          signup_url: char('Signup URL', { compute: signupUrl }),
          signup_expiration: char('Signup Expiration', { group: 'base.group_erp_manager' }),
        }
      : {}),
    partner_share: boolean('Share Partner', {
      readonly: true,
      compute: (env, row) => activeUserOf(env, row)?.share !== false,
    }),
    opportunity_ids: one2many('Opportunities', 'crm.lead', 'partner_id'),
    opportunity_count: integer('Opportunity Count', {
      readonly: true,
      compute: (env, row) => env.erp.tables.lookup('crm.lead', 'partner_id', row.id)?.size ?? 0,
    }),
  },
  hooks: {
    displayName: fullName,
    creating: (_, vals) => withIndexedEmail(withCleanVat(vals)),
    created(env, row) {
      checkName(row);
      checkParents(env, row);
      checkVat(env, takeFromCompany(env, row));
    },
    writing(env, row, vals) {
      if (vals.active === false && row.active === true)
        refuseForUser(env, row, 'archive', 'You first need to archive their associated user.');
      return withIndexedEmail(withCleanVat(vals));
    },
    written(env, row, before) {
      checkName(row);
      if (row.parent_id !== before.parent_id) checkParents(env, row);
      if (row.vat !== before.vat || row.country_id !== before.country_id) checkVat(env, row);
      for (const id of env.erp.tables.lookup('res.partner', 'parent_id', row.id) ?? [])
        takeFromCompany(env, env.erp.tables.get('res.partner', id)!);
    },
    deleting: (env, row) =>
      refuseForUser(
        env,
        row,
        'delete',
        'You should rather archive them after archiving their associated user.',
      ),
    /** Portal users see their own company's contacts only. */
    rule(env, row, operation) {
      if (operation === 'create' || groupsOf(env.erp, env.uid).has(groupId(env.erp, 'base.group_user')))
        return true;
      const own = env.erp.tables.get(
        'res.partner',
        Number(env.erp.tables.get('res.users', env.uid)?.partner_id),
      );
      return own !== undefined && commercial(env, own).id === commercial(env, row).id;
    },
  },
  methods: signupMethods(version),
});
