/** The fields of an opportunity. */
import {
  boolean,
  char,
  date,
  datetime,
  float,
  html,
  integer,
  many2many,
  many2one,
  monetary,
  selection,
} from '../orm/fields.ts';
import type { Env, Field, Row, Version } from '../orm/types.ts';
import { roundTo } from '../orm/values.ts';

const COMPANY_CURRENCY = 1;

export const leadFields = (version: Version): Record<string, Field> => ({
  name: char('Opportunity', { required: true, index: true }),
  type: selection(
    'Type',
    [
      ['lead', 'Lead'],
      ['opportunity', 'Opportunity'],
    ],
    {
      required: true,
      defaultValue: 'opportunity',
    },
  ),
  partner_id: many2one('Customer', 'res.partner'),
  partner_name: char('Company Name'),
  contact_name: char('Contact Name'),
  email_from: char('Email'),
  email_cc: char('Email cc'),
  phone: char('Phone'),
  ...(version === 19 ? {} : { mobile: char('Mobile') }),
  website: char('Website'),
  function: char('Job Position'),
  street: char('Street'),
  street2: char('Street2'),
  zip: char('Zip'),
  city: char('City'),
  state_id: many2one('State', 'res.country.state'),
  country_id: many2one('Country', 'res.country'),
  lang_id: many2one('Language', 'res.lang'),
  user_id: many2one('Salesperson', 'res.users', { defaultOf: (env) => env.uid }),
  team_id: many2one('Sales Team', 'crm.team'),
  company_id: many2one('Company', 'res.company'),
  company_currency: many2one('Currency', 'res.currency', {
    readonly: true,
    compute: () => COMPANY_CURRENCY,
  }),
  stage_id: many2one('Stage', 'crm.stage', { onDelete: 'restrict' }),
  tag_ids: many2many('Tags', 'crm.tag'),
  priority: selection(
    'Priority',
    [
      ['0', 'Low'],
      ['1', 'Medium'],
      ['2', 'High'],
      ['3', 'Very High'],
    ],
    {
      defaultValue: '0',
    },
  ),
  probability: float('Probability'),
  automated_probability: float('Automated Probability', { readonly: true }),
  expected_revenue: monetary('Expected Revenue', { currencyField: 'company_currency' }),
  prorated_revenue: monetary('Prorated Revenue', {
    readonly: true,
    currencyField: 'company_currency',
    compute: (_, row) => roundTo((Number(row.expected_revenue) * Number(row.probability)) / 100, 0.01),
  }),
  description: html('Notes'),
  referred: char('Referred By'),
  active: boolean('Active', { defaultValue: true }),
  date_deadline: date('Expected Closing'),
  date_open: datetime('Assignment Date', { readonly: true }),
  date_closed: datetime('Closed Date', { readonly: true }),
  date_last_stage_update: datetime('Last Stage Update', { readonly: true }),
  lost_reason_id: many2one('Lost Reason', 'crm.lost.reason', { onDelete: 'restrict' }),
  color: integer('Color Index'),
  ...(version === 19
    ? {
        won_status: selection(
          'Is Won',
          [
            ['won', 'Won'],
            ['lost', 'Lost'],
            ['pending', 'Pending'],
          ],
          {
            readonly: true,
            compute: (_: Env, row: Row) =>
              row.active === false && row.probability === 0
                ? 'lost'
                : row.probability === 100
                  ? 'won'
                  : 'pending',
          },
        ),
      }
    : {}),
});
