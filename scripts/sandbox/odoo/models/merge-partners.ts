/** Odoo's merge of contacts: all that pointed to the first points to the second, external ids too, and the first is gone. */
import { userError } from '../errors.ts';
import { many2many, many2one } from '../orm/fields.ts';
import type { ModelSource } from '../orm/registry.ts';
import type { Erp } from '../orm/types.ts';

export function mergePartners(erp: Erp, from: number, into: number): void {
  const { tables, registry } = erp;
  const names = new Set([...tables.all('ir.model')].map((row) => String(row.model)));
  for (const name of names) {
    for (const [field, { type, relation, compute }] of registry.find(name)?.fields ?? []) {
      if (type !== 'many2one' || relation !== 'res.partner' || compute !== undefined) continue;
      for (const id of [...(tables.lookup(name, field, from) ?? [])])
        tables.put(name, {
          ...tables.get(name, id)!,
          [field]: id === into && name === 'res.partner' ? false : into,
        });
    }
  }
  for (const id of [...(tables.lookup('ir.model.data', 'target', `res.partner,${from}`) ?? [])])
    tables.put('ir.model.data', {
      ...tables.get('ir.model.data', id)!,
      res_id: into,
      target: `res.partner,${into}`,
    });
  tables.remove('res.partner', from);
}

/** The wizard behind Contacts → Action → Merge. */
export const partnerMerge: ModelSource = {
  name: 'base.partner.merge.automatic.wizard',
  description: 'Merge Partner Wizard',
  module: 'base',
  fields: {
    partner_ids: many2many('Contacts', 'res.partner'),
    dst_partner_id: many2one('Destination Contact', 'res.partner'),
  },
  methods: {
    action_merge: {
      params: [],
      run({ env, ids }) {
        const wizard = env.erp.tables.get('base.partner.merge.automatic.wizard', ids[0]!)!;
        const into = Number(wizard.dst_partner_id);
        const partners = (wizard.partner_ids as number[]).filter((id) => id !== into);
        if (partners.length > 2)
          throw userError(
            'For safety reasons, you cannot merge more than 3 contacts together. You can re-open the wizard several times if needed.',
          );
        for (const from of partners) mergePartners(env.erp, from, into);
        return {
          type: 'ir.actions.act_window',
          res_model: 'base.partner.merge.automatic.wizard',
          res_id: wizard.id,
          view_mode: 'form',
          target: 'new',
        };
      },
    },
  },
};
