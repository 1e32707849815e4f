/**
 * Odoo's merge of opportunities (measured on 17, 18, 19): the one furthest in the pipeline stays and takes what it lacks;
 * the others are deleted with their external ids, their chatter, activities and files move to it.
 */
import { userError } from '../errors.ts';
import { many2many, many2one } from '../orm/fields.ts';
import type { ModelSource } from '../orm/registry.ts';
import { type Env, type Row, sudo } from '../orm/types.ts';
import { unlink } from '../orm/unlink.ts';
import { write } from '../orm/write.ts';

const TAKEN = [
  ...['partner_id', 'partner_name', 'contact_name', 'email_from', 'phone', 'description'],
  ...['country_id', 'expected_revenue', 'user_id', 'team_id'],
];

/** @returns the id of the one that stays */
export function mergeLeads(env: Env, ids: readonly number[]): number {
  const { tables, registry } = env.erp;
  const leads = ids.map((id) => tables.get('crm.lead', id)!);
  if (leads.length < 2)
    throw userError('Select at least two Leads/Opportunities from the list to merge them.');
  const sequence = (lead: Row) => Number(tables.get('crm.stage', Number(lead.stage_id))?.sequence ?? 0);
  const [head, ...tail] = leads.sort(
    (a, b) => sequence(b) - sequence(a) || Number(b.probability) - Number(a.probability) || a.id - b.id,
  ) as [Row, ...Row[]];
  const taken = TAKEN.flatMap((field) => {
    const from = head[field] ? undefined : tail.find((lead) => lead[field]);
    return from === undefined ? [] : [[field, from[field]]];
  });
  write(env, registry.get('crm.lead'), [head.id], Object.fromEntries(taken));
  for (const lead of tail) {
    moveChatter(env, lead, head.id);
    unlink(sudo(env), registry.get('crm.lead'), [lead.id]);
  }
  return head.id;
}

function moveChatter(env: Env, lead: Row, into: number): void {
  const { tables } = env.erp;
  for (const [model, owner] of [
    ['mail.message', 'model'],
    ['mail.activity', 'res_model'],
    ['ir.attachment', 'res_model'],
  ] as const)
    for (const id of [...(tables.lookup(model, 'res_id', lead.id) ?? [])]) {
      const row = tables.get(model, id)!;
      if (row[owner] !== 'crm.lead') continue;
      const subject = model === 'mail.message' ? { subject: `From ${lead.name}` } : {};
      tables.put(model, { ...row, res_id: into, ...subject });
    }
}

/** The wizard behind Action → Merge in the list of opportunities. */
export const leadMerge: ModelSource = {
  name: 'crm.merge.opportunity',
  description: 'Merge Opportunities',
  module: 'crm',
  fields: {
    opportunity_ids: many2many('Leads/Opportunities', 'crm.lead'),
    user_id: many2one('Salesperson', 'res.users'),
    team_id: many2one('Sales Team', 'crm.team'),
  },
  methods: {
    action_merge: {
      params: [],
      run({ env, ids }) {
        const wizard = env.erp.tables.get('crm.merge.opportunity', ids[0]!)!;
        return {
          name: 'Lead or Opportunity',
          view_mode: 'form',
          res_model: 'crm.lead',
          domain: [['type', '=', 'opportunity']],
          res_id: mergeLeads(env, wizard.opportunity_ids as number[]),
          view_id: false,
          type: 'ir.actions.act_window',
          context: { default_type: 'opportunity' },
        };
      },
    },
  },
};
