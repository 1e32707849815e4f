/** The server actions behind staff's buttons, each limited to a group, and the webhook that tells the connector at once. */
import {
  REQUEST_ACTIONS,
  type RequestAction,
  type RequestActionName,
} from '../../../connector/crm/requests/actions.ts';
import { LINKS, REQUEST_MODEL } from '../../../connector/crm/requests/erp-rows.ts';
import { actionCode } from './action-code.ts';
import { findOne, giveName, resolve, type SetupContext, type Step } from './context.ts';
import type { ServerAction } from './server-actions-step.ts';

const GROUPS: Readonly<Record<RequestAction['who'], string>> = {
  salespeople: 'sales_team.group_sale_salesman',
  managers: 'sales_team.group_sale_manager',
};
const MODEL_XMLIDS: Readonly<Record<string, string>> = {
  x_stripe_subscription: 'stripe_connector.model_x_stripe_subscription',
  [REQUEST_MODEL]: `stripe_connector.model_${REQUEST_MODEL}`,
  'crm.lead': 'crm.model_crm_lead',
  'res.partner': 'base.model_res_partner',
};
const NUDGE = 'action_request_nudge';

export const OPEN_IN_STRIPE = 'action_open_in_stripe';
export const SHOW_REQUEST = 'action_show_request';

/** External id of the server action behind a button. */
export const requestActionName = (name: RequestActionName): string => `action_request_${name}`;

interface Button {
  readonly name: string;
  readonly label: string;
  readonly on: string;
  readonly who: RequestAction['who'];
  readonly code: (context: SetupContext) => string;
}

const BUTTONS: readonly Button[] = [
  {
    name: OPEN_IN_STRIPE,
    label: 'Open in Stripe',
    on: 'x_stripe_subscription',
    who: 'salespeople',
    code: ({ facts }) => actionCode('open_in_stripe', facts),
  },
  {
    name: SHOW_REQUEST,
    label: 'Refresh',
    on: REQUEST_MODEL,
    who: 'salespeople',
    code: ({ facts }) => actionCode('show_request', facts),
  },
  ...Object.entries(REQUEST_ACTIONS).map(([action, { label, on, who }]) => ({
    name: requestActionName(action as RequestActionName),
    label,
    on,
    who,
    code: ({ facts }: SetupContext) =>
      actionCode('request', facts, { ACTION: action, LABEL: label, LINK: LINKS[on] }),
  })),
];

export const buttonNames: readonly string[] = [...BUTTONS.map(({ name }) => name), NUDGE];

export const buttonActions = (context: SetupContext): readonly ServerAction[] =>
  BUTTONS.map(({ name, label, on, who, code }) => ({
    name,
    label,
    model: MODEL_XMLIDS[on]!,
    group: GROUPS[who],
    code: code(context),
  }));

/** @param url left out: a nudge that is there stays, and none is made */
export const nudgeStep = (context: SetupContext, url: string | undefined): Step | undefined =>
  url === undefined ? undefined : webhookStep(context, url);

function webhookStep(context: SetupContext, url: string): Step {
  const { odoo, ids } = context;
  const current = () =>
    findOne<{ id: number; webhook_url: string | false; state: string }>(
      odoo,
      'ir.actions.server',
      [['id', '=', ids.get(NUDGE) ?? 0]],
      ['webhook_url', 'state'],
    );
  return {
    title: 'webhook that tells the connector of a request at once',
    needed: async () => {
      const row = await current();
      return row?.state !== 'webhook' || row.webhook_url !== url;
    },
    apply: async () => {
      const vals = {
        name: 'Stripe Connector: request',
        state: 'webhook',
        webhook_url: url,
        model_id: await resolve(context, `stripe_connector.model_${REQUEST_MODEL}`),
      };
      const row = await current();
      if (row !== undefined)
        return void (await odoo.call('ir.actions.server', 'write', { ids: [row.id], vals }));
      const [id] = await odoo.call<number[]>('ir.actions.server', 'create', { vals_list: [vals] });
      await giveName(context, [{ name: NUDGE, model: 'ir.actions.server', id: id! }]);
    },
  };
}
