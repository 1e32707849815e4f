/** Opens the subscription in Stripe's Dashboard, of the mode the connector works in. */
import { readRecords } from '../orm/read.ts';
import type { ButtonHandler } from './handler.ts';

export const openInStripe: ButtonHandler = ({ env, records }) => {
  const { erp } = env;
  const [record] = records;
  readRecords(env, erp.registry.get('x_stripe_subscription'), {
    ids: [record!.id],
    fields: ['x_stripe_id'],
    load: undefined,
  });
  const dashboard = erp.tables.first('ir.config_parameter', 'key', 'stripe_connector.dashboard')?.value;
  const url = `${dashboard ?? 'https://dashboard.stripe.com/'}subscriptions/${record!.x_stripe_id || ''}`;
  return { type: 'ir.actions.act_url', url, target: 'new' };
};
