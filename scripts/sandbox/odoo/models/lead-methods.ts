/** Won, lost and back. */
import { validationError } from '../errors.ts';
import type { Env, Method, Version } from '../orm/types.ts';
import { write } from '../orm/write.ts';
import { isWonStage, wonStage } from './lead-values.ts';

/** Back from lost: the reason goes, a won stage counts again. */
function restore(env: Env, ids: readonly number[]): undefined {
  const model = env.erp.registry.get('crm.lead');
  for (const id of ids) {
    const row = env.erp.tables.get('crm.lead', id);
    if (row === undefined || row.active === true) continue;
    const probability = isWonStage(env, row.stage_id) ? { probability: 100 } : {};
    write(env, model, [id], { active: true, lost_reason_id: false, ...probability });
  }
}

const RAINBOW = {
  effect: {
    fadeout: 'slow',
    message: 'Go, go, go! Congrats for your first deal.',
    img_url: '/web/static/img/smile.svg',
    type: 'rainbow_man',
  },
};

export const leadMethods = (version: Version): Record<string, Method> => ({
  action_set_won: {
    params: [],
    run({ env, model, ids }) {
      write(env, model, ids, { active: true, stage_id: wonStage(env), probability: 100 });
      return true;
    },
  },
  action_set_won_rainbowman: {
    params: [],
    run({ env, model, ids }) {
      const first = [...env.erp.tables.all('crm.lead')].every((row) => row.probability !== 100);
      write(env, model, ids, { active: true, stage_id: wonStage(env), probability: 100 });
      return first ? RAINBOW : true;
    },
  },
  action_set_lost: {
    params: ['lost_reason_id', 'kwargs'],
    run({ env, model, ids, args }) {
      for (const id of ids)
        if (version === 19 && isWonStage(env, env.erp.tables.get('crm.lead', id)?.stage_id))
          throw validationError('A lead in a Won stage cannot be lost. Move it to another stage first.');
      const reason = args.lost_reason_id === undefined ? {} : { lost_reason_id: args.lost_reason_id };
      write(env, model, ids, { active: false, probability: 0, automated_probability: 0, ...reason });
      return undefined;
    },
  },
  action_unarchive: { params: [], run: ({ env, ids }) => restore(env, ids) },
  ...(version === 19
    ? {}
    : {
        toggle_active: {
          params: [],
          run: ({ env, model, ids }) => {
            const archived = ids.filter((id) => env.erp.tables.get('crm.lead', id)?.active === false);
            write(
              env,
              model,
              ids.filter((id) => !archived.includes(id)),
              { active: false },
            );
            return restore(env, archived);
          },
        },
      }),
});
