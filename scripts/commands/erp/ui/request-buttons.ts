/** Staff's buttons on a form: shown to those who may press them, while they make sense. */
import { REQUEST_ACTIONS, type RequestActionName } from '../../../../connector/crm/requests/actions.ts';
import { OPEN_IN_STRIPE, requestActionName } from '../button-steps.ts';
import { xml } from './xml.ts';

const GROUPS = { salespeople: 'sales_team.group_sale_salesman', managers: 'sales_team.group_sale_manager' };

/** The button of one request action. @param invisible Odoo's expression */
export function requestButton(
  action: RequestActionName,
  idOf: (name: string) => number,
  attributes: Readonly<Record<string, string>> & { invisible: string },
): string {
  const planned: { label: string; who: keyof typeof GROUPS; confirm?: string } = REQUEST_ACTIONS[action];
  return xml('button', {
    name: String(idOf(requestActionName(action))),
    string: planned.label,
    type: 'action',
    groups: GROUPS[planned.who],
    ...(planned.confirm !== undefined && { confirm: planned.confirm }),
    ...attributes,
  });
}

const ENDED = "x_state == 'ended'";
const CANCELLED = 'x_cancel_at_period_end';

/** Above the subscription's form. */
export const subscriptionButtons = (idOf: (name: string) => number): readonly string[] => [
  requestButton('provision', idOf, {
    class: 'oe_highlight',
    invisible: `x_order or x_access != 'none' or not x_stripe_id or ${ENDED}`,
  }),
  requestButton('retry_provisioning', idOf, {
    class: 'oe_highlight',
    invisible: "x_access != 'provisioning'",
  }),
  xml('button', {
    name: String(idOf(OPEN_IN_STRIPE)),
    string: 'Open in Stripe',
    type: 'action',
    groups: GROUPS.salespeople,
    invisible: 'not x_stripe_id',
  }),
  requestButton('open_portal', idOf, { invisible: 'not x_stripe_customer_id' }),
  requestButton('resend_credentials', idOf, { invisible: "x_access not in ('provisioned', 'suspended')" }),
  requestButton('resync', idOf, { invisible: 'not x_stripe_id' }),
  requestButton('reactivate', idOf, { invisible: `not ${CANCELLED} or ${ENDED}` }),
  requestButton('cancel', idOf, { invisible: `${CANCELLED} or not x_stripe_id or ${ENDED}` }),
];
