/**
 * What staff can ask for in the ERP. The one table: `setup erp` makes a group-limited server action of each, the views
 * show it as a button, and the connector carries it out (connector/wiring/erp-requests.ts has one handler for each name).
 *
 * To add one: a line here, its handler there, and its button in scripts/commands/erp/ui/ (`requestButton`).
 */

export interface RequestAction {
  /** The button, and the request's name in lists and notes. */
  readonly label: string;
  /** The model its button stands on: the record asked about. */
  readonly on: 'x_stripe_subscription' | 'crm.lead' | 'res.partner';
  /** Who may press it; Odoo itself refuses everybody else. */
  readonly who: 'salespeople' | 'managers';
  /** Asked before a press counts. */
  readonly confirm?: string;
}

export const REQUEST_ACTIONS = {
  open_portal: { label: 'Open Customer Portal', on: 'x_stripe_subscription', who: 'salespeople' },
  resend_credentials: {
    label: 'Resend Credentials',
    on: 'x_stripe_subscription',
    who: 'salespeople',
    confirm: 'Everybody of this project gets a new link by mail, and the links sent before end. Go on?',
  },
  retry_provisioning: { label: 'Retry Provisioning', on: 'x_stripe_subscription', who: 'salespeople' },
  resync: { label: 'Resync', on: 'x_stripe_subscription', who: 'salespeople' },
  cancel: {
    label: 'Cancel at Period End',
    on: 'x_stripe_subscription',
    who: 'managers',
    confirm:
      'The subscription ends with the period that is paid for. Until then it can be reactivated. Go on?',
  },
  reactivate: { label: 'Reactivate', on: 'x_stripe_subscription', who: 'managers' },
  provision: {
    label: 'Provision',
    on: 'x_stripe_subscription',
    who: 'managers',
    confirm:
      'A project, a workspace and storage are made for this customer, and its contact gets a welcome mail. Go on?',
  },
  send_checkout_link: { label: 'Send Checkout Link', on: 'crm.lead', who: 'salespeople' },
} as const satisfies Readonly<Record<string, RequestAction>>;

export type RequestActionName = keyof typeof REQUEST_ACTIONS;

export const requestAction = (name: string): RequestAction | undefined =>
  Object.hasOwn(REQUEST_ACTIONS, name) ? REQUEST_ACTIONS[name as RequestActionName] : undefined;
