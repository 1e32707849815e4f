/** What opportunities hang on: stages, teams, reasons, tags. */
import { boolean, char, integer, many2many, many2one } from '../orm/fields.ts';
import type { ModelSource } from '../orm/registry.ts';
import type { Version } from '../orm/types.ts';

export const stage = (version: Version): ModelSource => ({
  name: 'crm.stage',
  description: 'CRM Stages',
  module: 'crm',
  order: 'sequence, name, id',
  fields: {
    name: char('Stage Name', { required: true }),
    sequence: integer('Sequence', { defaultValue: 1 }),
    is_won: boolean('Is Won Stage?'),
    fold: boolean('Folded in Pipeline'),
    requirements: { ...char('Requirements'), type: 'text' },
    ...(version === 19
      ? { team_ids: many2many('Sales Teams', 'crm.team') }
      : { team_id: many2one('Sales Team', 'crm.team') }),
  },
});

export const team: ModelSource = {
  name: 'crm.team',
  description: 'Sales Team',
  module: 'sales_team',
  fields: {
    name: char('Sales Team', { required: true }),
    active: boolean('Active', { defaultValue: true }),
    sequence: integer('Sequence', { defaultValue: 10 }),
    user_id: many2one('Team Leader', 'res.users'),
    company_id: many2one('Company', 'res.company'),
    member_ids: many2many('Salespersons', 'res.users'),
  },
};

export const lostReason: ModelSource = {
  name: 'crm.lost.reason',
  description: 'Opp. Lost Reason',
  module: 'crm',
  fields: {
    name: char('Description', { required: true }),
    active: boolean('Active', { defaultValue: true }),
  },
};

export const tag: ModelSource = {
  name: 'crm.tag',
  description: 'CRM Tag',
  module: 'sales_team',
  fields: { name: char('Tag Name', { required: true }), color: integer('Color') },
};
