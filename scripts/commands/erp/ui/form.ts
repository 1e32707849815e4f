import type { VersionFacts } from '../../../../connector/odoo/versions/facts.ts';
import { subscriptionButtons } from './request-buttons.ts';
import { field, xml } from './xml.ts';

// What the connector keeps up to date is not for typing: it would be overwritten.
const ours = (name: string, attributes: Readonly<Record<string, string>> = {}) =>
  field(name, { readonly: '1', ...attributes });

/** @param idOf the ERP id of an action or window of ours */
export const form = ({ chatter }: VersionFacts, idOf: (name: string) => number): string =>
  xml(
    'form',
    { string: 'Subscription', create: '0' },
    xml(
      'header',
      {},
      ...subscriptionButtons(idOf),
      field('x_state', {
        widget: 'statusbar',
        readonly: '1',
        statusbar_visible: 'starting,active,past_due,suspended,ended',
      }),
    ),
    xml(
      'sheet',
      {},
      xml(
        'div',
        { class: 'oe_button_box', name: 'button_box' },
        xml(
          'button',
          {
            name: String(idOf('window_requests_of_subscription')),
            type: 'action',
            class: 'oe_stat_button',
            icon: 'fa-hand-o-up',
          },
          xml('div', { class: 'o_stat_info' }, xml('span', { class: 'o_stat_text' }, 'Requests')),
        ),
      ),
      xml('widget', {
        name: 'web_ribbon',
        title: 'Needs Attention',
        bg_color: 'text-bg-danger',
        invisible: "x_state not in ('past_due', 'suspended')",
      }),
      xml('widget', {
        name: 'web_ribbon',
        title: 'Ends With Period',
        bg_color: 'text-bg-warning',
        invisible: "not x_cancel_at_period_end or x_state in ('past_due', 'suspended', 'ended')",
      }),
      xml('div', { class: 'oe_title' }, xml('h1', {}, field('x_name'))),
      xml(
        'group',
        {},
        xml(
          'group',
          { string: 'Customer' },
          field('x_partner_id'),
          field('x_opportunity_id'),
          ours('x_project_name'),
          ours('x_project_code'),
          field('x_workspace_id', { invisible: 'not x_workspace_id' }),
          ours('x_workspace_url', {
            widget: 'url',
            text: 'Open workspace',
            invisible: 'not x_workspace_url',
          }),
          ours('x_bucket'),
        ),
        xml(
          'group',
          { string: 'Plan' },
          ours('x_plan'),
          ours('x_interval'),
          ours('x_quantity'),
          ours('x_currency_id', { options: "{'no_open': True}" }),
          ours('x_amount'),
          ours('x_mrr'),
          ours('x_first_amount'),
        ),
      ),
      xml(
        'group',
        {},
        xml(
          'group',
          { string: 'Dates' },
          ours('x_first_paid_at'),
          ours('x_trial_end', { invisible: 'not x_trial_end' }),
          ours('x_period_start'),
          ours('x_period_end'),
          ours('x_cancel_at_period_end'),
          ours('x_canceled_at', { invisible: 'not x_canceled_at' }),
          ours('x_ended_at', { invisible: 'not x_ended_at' }),
        ),
        xml(
          'group',
          { string: 'Service and Stripe' },
          ours('x_access'),
          ours('x_status'),
          ours('x_stripe_id'),
          ours('x_stripe_customer_id'),
          ours('x_first_invoice'),
          ours('x_order'),
        ),
      ),
    ),
    chatter === 'tag'
      ? xml('chatter')
      : xml(
          'div',
          { class: 'oe_chatter' },
          field('message_follower_ids'),
          field('activity_ids'),
          field('message_ids'),
        ),
  );
