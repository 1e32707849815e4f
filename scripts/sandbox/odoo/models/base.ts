/** Small models everything else refers to. */
import {
  boolean,
  char,
  date,
  float,
  integer,
  many2many,
  many2one,
  one2many,
  selection,
} from '../orm/fields.ts';
import { groupName } from '../orm/groups.ts';
import type { ModelSource } from '../orm/registry.ts';
import type { Env, Row, Version } from '../orm/types.ts';

export const company: ModelSource = {
  name: 'res.company',
  description: 'Companies',
  module: 'base',
  order: 'sequence, name',
  fields: {
    name: char('Company Name', { required: true }),
    sequence: integer('Sequence', { defaultValue: 10 }),
    partner_id: many2one('Partner', 'res.partner', { required: true }),
    currency_id: many2one('Currency', 'res.currency', { required: true }),
    country_id: many2one('Country', 'res.country'),
    email: char('Email'),
    active: boolean('Active', { defaultValue: true }),
  },
};

export const country: ModelSource = {
  name: 'res.country',
  description: 'Country',
  module: 'base',
  order: 'name, id',
  fields: {
    name: char('Country Name', { required: true }),
    code: char('Country Code', { required: true, index: true }),
    phone_code: integer('Country Calling Code'),
    currency_id: many2one('Currency', 'res.currency'),
  },
};

export const countryState: ModelSource = {
  name: 'res.country.state',
  description: 'Country state',
  module: 'base',
  order: 'code, id',
  fields: {
    name: char('State Name', { required: true }),
    code: char('State Code', { required: true }),
    country_id: many2one('Country', 'res.country', { required: true }),
  },
};

export const currency: ModelSource = {
  name: 'res.currency',
  description: 'Currency',
  module: 'base',
  order: 'active desc, name',
  fields: {
    name: char('Currency', { required: true, index: true }),
    full_name: char('Name'),
    symbol: char('Symbol', { required: true }),
    rounding: float('Rounding Factor', { defaultValue: 0.01 }),
    decimal_places: integer('Decimal Places', {
      readonly: true,
      compute: (_, row) => Math.max(0, Math.round(-Math.log10(Number(row.rounding)))),
    }),
    rate_ids: one2many('Rates', 'res.currency.rate', 'currency_id'),
    // Units for one unit of the company's currency; 1 where no rate is kept, as Odoo has it.
    rate: float('Current Rate', {
      readonly: true,
      compute: (env: Env, row: Row) => newestRate(env, row.id),
    }),
    active: boolean('Active', { defaultValue: true }),
  },
};

export const currencyRate: ModelSource = {
  name: 'res.currency.rate',
  description: 'Currency Rate',
  module: 'base',
  order: 'name desc, id',
  fields: {
    name: date('Date', { required: true }),
    rate: float('Technical Rate'),
    currency_id: many2one('Currency', 'res.currency', { required: true }),
  },
};

function newestRate(env: Env, currencyId: number): number {
  const rates = [...env.erp.tables.all('res.currency.rate')].filter(
    (rate) => rate.currency_id === currencyId,
  );
  rates.sort((a, b) => String(b.name).localeCompare(String(a.name)));
  return Number(rates[0]?.rate ?? 1);
}

export const language: ModelSource = {
  name: 'res.lang',
  description: 'Languages',
  module: 'base',
  order: 'active desc,name',
  fields: {
    name: char('Name', { required: true }),
    code: char('Locale Code', { required: true, index: true }),
    iso_code: char('ISO code'),
    url_code: char('URL Code', { required: true }),
    active: boolean('Active'),
    direction: selection(
      'Direction',
      [
        ['ltr', 'Left-to-Right'],
        ['rtl', 'Right-to-Left'],
      ],
      {
        required: true,
        defaultValue: 'ltr',
      },
    ),
  },
};

export const partnerCategory: ModelSource = {
  name: 'res.partner.category',
  description: 'Partner Tags',
  module: 'base',
  fields: {
    name: char('Name', { required: true }),
    color: integer('Color'),
    active: boolean('Active', { defaultValue: true }),
  },
};

export const moduleModel: ModelSource = {
  name: 'ir.module.module',
  description: 'Module',
  module: 'base',
  order: 'name',
  fields: {
    name: char('Technical Name', { required: true, index: true }),
    shortdesc: char('Module Name'),
    state: selection('Status', [
      ['uninstalled', 'Not Installed'],
      ['installed', 'Installed'],
    ]),
  },
};

export const group = (version: Version): ModelSource => ({
  name: 'res.groups',
  description: 'Access Groups',
  module: 'base',
  hooks: { displayName: (env, row) => groupName(env.erp, row.id, ' / ') },
  fields: {
    name: char('Name', { required: true }),
    category_name: char('Category', { group: 'base.group_system' }),
    full_name: char('Group Name', {
      readonly: true,
      compute: (env: Env, row: Row) => groupName(env.erp, row.id, ' / '),
    }),
    implied_ids: many2many('Inherits', 'res.groups'),
    share: boolean('Share Group'),
    comment: char('Comment'),
    [version === 19 ? 'user_ids' : 'users']: many2many('Users', 'res.users', {
      compute: (env: Env, row: Row) => {
        const name = version === 19 ? 'group_ids' : 'groups_id';
        return [...env.erp.tables.all('res.users')]
          .filter((user) => user.active === true && (user[name] as number[]).includes(row.id))
          .map((user) => user.id);
      },
    }),
    ...(version === 19 ? {} : { category_id: integer('Application') }),
  },
});
