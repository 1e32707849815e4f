/** Opportunities. */
import { postMessage } from '../methods/thread.ts';
import { resolveXmlid } from '../orm/external-ids.ts';
import { groupId, groupsOf } from '../orm/groups.ts';
import type { ModelSource } from '../orm/registry.ts';
import { toDatetime } from '../orm/time.ts';
import type { Version } from '../orm/types.ts';
import { leadFields } from './lead-fields.ts';
import { leadMethods } from './lead-methods.ts';
import { firstStage, followStage, fromPartner, isWonStage } from './lead-values.ts';

export const lead = (version: Version): ModelSource => ({
  name: 'crm.lead',
  description: version === 19 ? 'Lead' : 'Lead/Opportunity',
  module: 'crm',
  order: 'priority desc, id desc',
  thread: true,
  fields: leadFields(version),
  hooks: {
    creating(env, vals, given) {
      const now = toDatetime(env.erp.now());
      const filled = fromPartner(env, vals, given);
      return followStage(
        env,
        {
          team_id: 1,
          company_id: 1,
          ...(filled.user_id ? { date_open: now } : {}),
          ...filled,
          stage_id: filled.stage_id || firstStage(env),
          date_last_stage_update: now,
        },
        undefined,
      );
    },
    writing(env, row, vals) {
      const moved = 'stage_id' in vals && vals.stage_id !== row.stage_id;
      const staged = followStage(env, vals, row);
      return moved ? { ...staged, date_last_stage_update: toDatetime(env.erp.now()) } : staged;
    },
    written(env, row, before) {
      if (row.stage_id === before.stage_id) return;
      const subtype = isWonStage(env, row.stage_id) ? 'crm.mt_lead_won' : 'crm.mt_lead_stage';
      postMessage(env, env.erp.registry.get('crm.lead'), row.id, {
        body: '',
        messageType: 'notification',
        subtype: resolveXmlid(env.erp, subtype)?.id ?? false,
      });
    },
    /** "Own documents only": what is theirs or nobody's. */
    rule(env, row) {
      const groups = groupsOf(env.erp, env.uid);
      if (groups.has(groupId(env.erp, 'sales_team.group_sale_salesman_all_leads'))) return true;
      return row.user_id === env.uid || row.user_id === false;
    },
  },
  methods: leadMethods(version),
});
