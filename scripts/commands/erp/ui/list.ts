import type { VersionFacts } from '../../../../connector/odoo/versions/facts.ts';
import { field, xml } from './xml.ts';

/** Colours of the status wherever it is a badge. */
export const STATUS_COLOURS = {
  'decoration-info': "x_state in ('starting', 'trial')",
  'decoration-success': "x_state == 'active'",
  'decoration-warning': "x_state == 'past_due'",
  'decoration-danger': "x_state == 'suspended'",
  'decoration-muted': "x_state == 'ended'",
};

// `widget="date"` shows the time too from 18 on, and cuts it off.
const day = (name: string, attributes: Readonly<Record<string, string>>) =>
  field(name, { widget: 'datetime', options: "{'show_time': False}", width: '130px', ...attributes });

export const list = ({ listViewTag }: VersionFacts): string =>
  xml(
    listViewTag,
    { string: 'Subscriptions', create: '0', 'decoration-muted': "x_state == 'ended'" },
    field('x_partner_id'),
    field('x_project_name'),
    field('x_project_code', { optional: 'hide' }),
    field('x_plan'),
    field('x_state', { widget: 'badge', ...STATUS_COLOURS }),
    field('x_access', { optional: 'hide' }),
    field('x_interval', { optional: 'hide' }),
    field('x_currency_id', { column_invisible: '1' }),
    field('x_amount', { optional: 'hide' }),
    field('x_mrr', { sum: 'Monthly revenue', width: '140px' }),
    day('x_first_paid_at', { optional: 'show' }),
    day('x_period_end', { string: 'Renews On' }),
    field('x_cancel_at_period_end', { optional: 'hide' }),
    field('activity_ids', { widget: 'list_activity', optional: 'show' }),
    field('x_stripe_id', { optional: 'hide' }),
  );
