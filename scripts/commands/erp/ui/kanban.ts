import type { VersionFacts } from '../../../../connector/odoo/versions/facts.ts';
import { field, xml } from './xml.ts';

/** By status; nothing is dragged, since the status is Stripe's. */
export const kanban = ({ kanbanTemplate }: VersionFacts): string => {
  const card = [
    xml('div', { class: 'fw-bolder fs-5' }, field('x_partner_id')),
    xml('div', {}, field('x_project_name')),
    xml('div', { class: 'text-muted' }, field('x_plan'), ' · ', field('x_interval')),
    xml(
      'div',
      { class: 'd-flex justify-content-between align-items-center mt-1' },
      xml('span', {}, field('x_mrr', { widget: 'monetary' }), ' / month'),
      field('activity_ids', { widget: 'kanban_activity' }),
    ),
  ];
  return xml(
    'kanban',
    {
      default_group_by: 'x_state',
      create: '0',
      group_create: '0',
      group_edit: '0',
      group_delete: '0',
      quick_create: '0',
      records_draggable: '0',
    },
    field('x_currency_id'),
    xml(
      'templates',
      {},
      xml(
        't',
        { 't-name': kanbanTemplate },
        ...(kanbanTemplate === 'card' ? card : [xml('div', { class: 'oe_kanban_global_click' }, ...card)]),
      ),
    ),
  );
};
