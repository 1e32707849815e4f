/** What staff asked for, as they see it: read only, since the buttons write it. */
import type { VersionFacts } from '../../../../connector/odoo/versions/facts.ts';
import { field, xml } from './xml.ts';

const COLOURS = {
  'decoration-info': "x_state == 'waiting'",
  'decoration-success': "x_state == 'done'",
  'decoration-warning': "x_state == 'refused'",
  'decoration-danger': "x_state == 'failed'",
};

export const requestList = ({ listViewTag }: VersionFacts): string =>
  xml(
    listViewTag,
    { string: 'Requests', create: '0', edit: '0', delete: '0', default_order: 'x_asked_at desc' },
    field('x_asked_at'),
    field('x_asker_id'),
    field('x_name'),
    field('x_action', { optional: 'hide' }),
    field('x_subscription_id', { optional: 'hide' }),
    field('x_opportunity_id', { optional: 'hide' }),
    field('x_partner_id', { optional: 'hide' }),
    field('x_state', { widget: 'badge', ...COLOURS }),
    field('x_answer'),
    field('x_answered_at', { optional: 'hide' }),
  );

/** Opens as a dialog after a press; a request answered by then shows its answer at once. */
/** @param showId the server action that shows it anew */
export const requestForm = (showId: number): string =>
  xml(
    'form',
    { string: 'Request', create: '0', edit: '0', delete: '0' },
    xml(
      'header',
      {},
      xml('button', {
        name: String(showId),
        string: 'Refresh',
        type: 'action',
        invisible: "x_state != 'waiting'",
      }),
      field('x_state', { widget: 'statusbar', statusbar_visible: 'waiting,done' }),
    ),
    xml(
      'sheet',
      {},
      xml('div', { class: 'oe_title' }, xml('h2', {}, field('x_name'))),
      xml(
        'div',
        { class: 'alert alert-info', role: 'status', invisible: "x_state != 'waiting'" },
        'The connector has not answered yet; it looks every few seconds.',
      ),
      xml(
        'group',
        {},
        field('x_answer', { invisible: 'not x_answer' }),
        field('x_url', { widget: 'url', invisible: 'not x_url' }),
        field('x_answered_at', { invisible: 'not x_answered_at' }),
      ),
      xml(
        'group',
        {},
        field('x_asker_id', { options: "{'no_open': True}" }),
        field('x_asked_at'),
        field('x_subscription_id', { invisible: 'not x_subscription_id' }),
        field('x_opportunity_id', { invisible: 'not x_opportunity_id' }),
        field('x_partner_id', { invisible: 'not x_partner_id' }),
      ),
    ),
    xml('footer', {}, xml('button', { string: 'Close', class: 'btn-primary', special: 'cancel' })),
  );
