import { actionAlias, type GuardedAction } from '../../../connector/crm/actions.ts';
import { actionCode } from './action-code.ts';
import { findOne, giveName, resolve, type SetupContext, type Step } from './context.ts';

const ACTIONS: readonly GuardedAction[] = [
  'portal_users',
  'portal_access',
  'remove_workspace',
  'set_password_url',
  'identify',
];
const READ_ACTIONS = 'access_ir_actions_connector';
const actionName = (action: GuardedAction): string => `action_${action}`;

export const actionNames: readonly string[] = [
  READ_ACTIONS,
  ...ACTIONS.flatMap((action) => [actionName(action), actionAlias(action)]),
];

export const actionSteps = (context: SetupContext): Step[] => [
  readActionsStep(context),
  ...ACTIONS.map((action) => actionStep(context, action)),
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

function actionStep(context: SetupContext, action: GuardedAction): Step {
  const { groupsField } = context.facts;
  const code = actionCode(action, context.facts);
  const current = () =>
    findOne<{ id: number; code: string | false } & Record<string, unknown>>(
      context.odoo,
      'ir.actions.server',
      [['id', '=', context.ids.get(actionName(action)) ?? 0]],
      ['code', 'state', groupsField],
    );
  return {
    title: `guarded action "${action}"`,
    needed: async () => {
      const row = await current();
      const group = context.ids.get('group_connector');
      return (
        row === undefined ||
        row.code !== code ||
        JSON.stringify(row[groupsField]) !== JSON.stringify([group]) ||
        context.ids.get(actionAlias(action)) !== row.id
      );
    },
    apply: async () => {
      const values = {
        name: `Stripe Connector: ${action.replaceAll('_', ' ')}`,
        state: 'code',
        code,
        model_id: await resolve(context, 'base.model_res_partner'),
        [groupsField]: [[6, 0, [await resolve(context, 'stripe_connector.group_connector')]]],
      };
      const row = await current();
      const id = row?.id ?? (await create(context, values));
      if (row !== undefined)
        await context.odoo.call('ir.actions.server', 'write', { ids: [id], vals: values });
      await giveName(context, [
        { name: actionName(action), model: 'ir.actions.server', id },
        { name: actionAlias(action), model: 'ir.actions.actions', id },
      ]);
    },
  };
}

async function create(context: SetupContext, values: Record<string, unknown>): Promise<number> {
  const [id] = await context.odoo.call<number[]>('ir.actions.server', 'create', { vals_list: [values] });
  return id!;
}
