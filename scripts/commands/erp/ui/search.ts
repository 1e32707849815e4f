import { field, xml } from './xml.ts';

const filter = (name: string, string: string, domain: string) => xml('filter', { name, string, domain });

const groupBy = (name: string, string: string, by: string) =>
  xml('filter', { name: `group_${name}`, string, domain: '[]', context: `{'group_by': '${by}'}` });

export const search = (): string =>
  xml(
    'search',
    {},
    field('x_name', {
      string: 'Subscription',
      filter_domain:
        "['|', '|', '|', ('x_name', 'ilike', self), ('x_project_name', 'ilike', self), ('x_project_code', 'ilike', self), ('x_stripe_id', '=', self)]",
    }),
    field('x_partner_id', { operator: 'child_of' }),
    field('x_plan'),
    field('x_stripe_customer_id'),
    filter('running', 'Running', "[('x_state', '!=', 'ended')]"),
    filter('attention', 'Needs Attention', "[('x_state', 'in', ['past_due', 'suspended'])]"),
    xml('separator'),
    filter('trial', 'Trial', "[('x_state', '=', 'trial')]"),
    filter('active', 'Active', "[('x_state', '=', 'active')]"),
    filter('past_due', 'Past Due', "[('x_state', '=', 'past_due')]"),
    filter('suspended', 'Suspended', "[('x_state', '=', 'suspended')]"),
    filter('ended', 'Ended', "[('x_state', '=', 'ended')]"),
    xml('separator'),
    filter(
      'ending',
      'Ends With Period',
      "[('x_cancel_at_period_end', '=', True), ('x_state', '!=', 'ended')]",
    ),
    filter('setting_up', 'Being Set Up', "[('x_access', '=', 'provisioning')]"),
    xml('separator'),
    xml('filter', { name: 'renewal', string: 'Renewal', date: 'x_period_end' }),
    xml('filter', { name: 'since', string: 'Customer Since', date: 'x_first_paid_at' }),
    xml(
      'group',
      {},
      groupBy('state', 'Status', 'x_state'),
      groupBy('plan', 'Plan', 'x_plan'),
      groupBy('since', 'Month', 'x_first_paid_at:month'),
      groupBy('renewal', 'Renewal Month', 'x_period_end:month'),
      groupBy('customer', 'Customer', 'x_partner_id'),
      groupBy('currency', 'Currency', 'x_currency_id'),
    ),
  );
