import type { SetupContext, Step } from './context.ts';
import { runOnce } from './run-once.ts';

const PARAMETER = 'stripe_connector.unique_index';

/** Odoo offers no unique constraint for models made over RPC; PostgreSQL does. A parameter remembers for which model it was made. */
export function indexStep(context: SetupContext): Step {
  const model = () => String(context.ids.get('model_x_stripe_subscription') ?? '');
  return {
    title: 'unique index on x_stripe_subscription.x_stripe_id',
    needed: async () =>
      model() === '' ||
      (await context.odoo.call('ir.config_parameter', 'get_param', { key: PARAMETER })) !== model(),
    apply: async () => {
      await runOnce(context, { action: 'unique_index', model: 'res.users', values: {} });
      await context.odoo.call('ir.config_parameter', 'set_param', { key: PARAMETER, value: model() });
    },
  };
}
