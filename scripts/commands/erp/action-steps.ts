import { actionAlias, GUARDED_ACTIONS, type GuardedAction } from '../../../connector/crm/actions.ts';
import { actionCode } from './action-code.ts';
import { buttonActions } from './button-steps.ts';
import { findOne, giveName, resolve, type SetupContext, type Step } from './context.ts';
import { serverActionsStep } from './server-actions-step.ts';

const READ_ACTIONS = 'access_ir_actions_connector';
const actionName = (action: GuardedAction): string => `action_${action}`;

export const actionNames: readonly string[] = [
  READ_ACTIONS,
  ...GUARDED_ACTIONS.flatMap((action) => [actionName(action), actionAlias(action)]),
];

/** Guarded actions and buttons in one call: after each that makes actions, Odoo works out anew who may do what. */
export const actionSteps = (context: SetupContext): Step[] => [
  serverActionsStep(context, {
    title: 'server actions (guarded ones, and those behind buttons)',
    actions: [
      ...buttonActions(context),
      ...GUARDED_ACTIONS.map((action) => ({
        name: actionName(action),
        alias: actionAlias(action),
        label: `Stripe Connector: ${action.replaceAll('_', ' ')}`,
        model: 'base.model_res_partner',
        group: 'stripe_connector.group_connector',
        code: actionCode(action, context.facts),
      })),
    ],
  }),
  readActionsStep(context),
];

/**
 * Only administrators read server actions, and with them their code. Their common base `ir.actions.actions` (name,
 * type, no code) is opened to the connector's group, so that an external id of that model leads to an action's id.
 */
function readActionsStep(context: SetupContext): Step {
  return {
    title: 'right to look up the guarded actions',
    needed: async () => {
      const id = context.ids.get(READ_ACTIONS) ?? 0;
      return (await findOne(context.odoo, 'ir.model.access', [['id', '=', id]], ['name'])) === undefined;
    },
    apply: async () => {
      const values = {
        name: 'ir.actions.actions connector',
        model_id: await resolve(context, 'base.model_ir_actions_actions'),
        group_id: await resolve(context, 'stripe_connector.group_connector'),
        perm_read: true,
        perm_write: false,
        perm_create: false,
        perm_unlink: false,
      };
      const [id] = await context.odoo.call<number[]>('ir.model.access', 'create', { vals_list: [values] });
      // A create leaves Odoo's cache of rights stale, a write does not.
      await context.odoo.call('ir.model.access', 'write', { ids: [id!], vals: { perm_read: true } });
      await giveName(context, [{ name: READ_ACTIONS, model: 'ir.model.access', id: id! }]);
    },
  };
}
