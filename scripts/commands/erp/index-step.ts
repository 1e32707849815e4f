import type { SetupContext, Step } from './context.ts';
import { runOnce } from './run-once.ts';

const PARAMETER = 'stripe_connector.unique_index';
const MODELS = ['model_x_stripe_subscription', 'model_x_stripe_request'];

/** Odoo offers no unique constraint for models made over RPC; PostgreSQL does. A parameter remembers for which models. */
export function indexStep(context: SetupContext): Step {
  const models = () => MODELS.map((name) => context.ids.get(name) ?? '').join(',');
  return {
    title: 'unique indexes on x_stripe_subscription.x_stripe_id and x_stripe_request.x_request',
    needed: async () =>
      MODELS.some((name) => !context.ids.has(name)) ||
      (await context.odoo.call('ir.config_parameter', 'get_param', { key: PARAMETER })) !== models(),
    apply: async () => {
      await runOnce(context, { action: 'unique_index', model: 'res.users', values: {} });
      await context.odoo.call('ir.config_parameter', 'set_param', { key: PARAMETER, value: models() });
    },
  };
}
