/** Activities and their types. */
import { finish } from '../methods/activities.ts';
import { boolean, char, date, html, many2one, reference, selection } from '../orm/fields.ts';
import type { ModelSource } from '../orm/registry.ts';
import { toDate } from '../orm/time.ts';
import type { Env, Row, Version } from '../orm/types.ts';
import { nameOfTarget } from './document.ts';

export const activityType: ModelSource = {
  name: 'mail.activity.type',
  description: 'Activity Type',
  module: 'mail',
  fields: {
    name: char('Name', { required: true }),
    icon: char('Icon'),
    res_model: char('Model'),
    category: char('Action'),
    active: boolean('Active', { defaultValue: true }),
  },
};

const stateOf = (env: Env, row: Row): string => {
  const today = toDate(env.erp.now());
  const due = String(row.date_deadline);
  return due < today ? 'overdue' : due === today ? 'today' : 'planned';
};

export const activity = (version: Version): ModelSource => ({
  name: 'mail.activity',
  description: 'Activity',
  module: 'mail',
  order: 'date_deadline ASC, id ASC',
  recName: 'summary',
  fields: {
    res_model_id: many2one('Document Model', 'ir.model', { onDelete: 'cascade' }),
    res_model: char('Related Document Model', { readonly: true }),
    res_id: reference('Related Document ID'),
    res_name: char('Document Name', {
      readonly: true,
      compute: (env, row) => nameOfTarget(env, row.res_model, row.res_id),
    }),
    activity_type_id: many2one('Activity Type', 'mail.activity.type', { onDelete: 'restrict' }),
    summary: char('Summary'),
    note: html('Note'),
    date_deadline: date('Due Date', { required: true, defaultOf: (env) => toDate(env.erp.now()) }),
    user_id: many2one('Assigned to', 'res.users', version === 19 ? {} : { defaultOf: (env) => env.uid }),
    state: selection(
      'State',
      [
        ['overdue', 'Overdue'],
        ['today', 'Today'],
        ['planned', 'Planned'],
      ],
      {
        readonly: true,
        compute: stateOf,
      },
    ),
    active: boolean('Active', { defaultValue: true }),
    ...(version === 17 ? {} : { date_done: date('Done Date') }),
  },
  hooks: {
    creating(env, vals) {
      const model = env.erp.tables.get('ir.model', Number(vals.res_model_id || 0));
      if (model !== undefined) return { ...vals, res_model: model.model };
      const named = env.erp.tables.first('ir.model', 'model', vals.res_model);
      return { ...vals, res_model_id: named?.id ?? false };
    },
  },
  methods: {
    action_feedback: {
      params: ['feedback', 'attachment_ids'],
      run: ({ env, ids, args }) => finish(env, ids, args.feedback),
    },
    action_done: { params: [], run: ({ env, ids }) => finish(env, ids, false) },
  },
});
