/** Monthly revenue by tier and month, and the calendar of renewals. */
import { field, xml } from './xml.ts';

export const graph = (): string =>
  xml(
    'graph',
    { string: 'Monthly Revenue', type: 'bar', stacked: '1' },
    field('x_first_paid_at', { interval: 'month' }),
    field('x_plan'),
    field('x_mrr', { type: 'measure' }),
  );

export const pivot = (): string =>
  xml(
    'pivot',
    { string: 'Monthly Revenue', display_quantity: '1' },
    field('x_plan', { type: 'row' }),
    field('x_first_paid_at', { type: 'col', interval: 'month' }),
    field('x_mrr', { type: 'measure' }),
  );

export const calendar = (): string =>
  xml(
    'calendar',
    {
      string: 'Renewals',
      date_start: 'x_period_end',
      mode: 'month',
      hide_time: '1',
      color: 'x_partner_id',
      create: '0',
      delete: '0',
      quick_create: '0',
    },
    field('x_state'),
    field('x_plan'),
    field('x_currency_id', { invisible: '1' }),
    field('x_amount'),
  );
