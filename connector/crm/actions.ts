/** The guarded server actions `cli setup erp` installs: what the service's user may not do itself. */
import { ConnectorError } from '../errors.ts';
import type { Odoo } from '../odoo/odoo.ts';
import { MODULE } from './ids.ts';

export const GUARDED_ACTIONS = [
  'portal_users',
  'portal_access',
  'remove_workspace',
  'set_password_url',
  'identify',
] as const;

export type GuardedAction = (typeof GUARDED_ACTIONS)[number];

export type RunAction = <T>(
  action: GuardedAction,
  input: { ids?: readonly number[]; values?: Readonly<Record<string, unknown>> },
) => Promise<T>;

/** External id (an alias readable by the service's user) of an action. */
export const actionAlias = (action: GuardedAction): string => `run_${action}`;

/**
 * Runs a guarded action on partners; its id is looked up once.
 * @throws ConnectorError permanent `erp_not_set_up`
 */
export function createRunAction(odoo: Odoo): RunAction {
  const known = new Map<GuardedAction, number>();

  async function idOf(action: GuardedAction): Promise<number> {
    const id = known.get(action) ?? (await odoo.xmlidToRes(MODULE, actionAlias(action)))?.id;
    if (id === undefined) throw notSetUp(action);
    known.set(action, id);
    return id;
  }

  return async <T>(action: GuardedAction, { ids = [], values = {} }: Parameters<RunAction>[1]) => {
    const id = await idOf(action);
    try {
      const answer = await odoo.call<{ infos?: T } | false>('ir.actions.server', 'run', {
        ids: [id],
        context: {
          active_model: 'res.partner',
          active_ids: ids,
          active_id: ids[0] ?? false,
          stripe_connector: values,
        },
      });
      if (answer !== false && answer.infos !== undefined) return answer.infos;
    } catch (thrown) {
      if (!(thrown instanceof ConnectorError && thrown.kind === 'absent')) throw thrown;
    }
    // Deleted, or made anew under another id since we looked.
    known.delete(action);
    throw notSetUp(action);
  };
}

function notSetUp(action: GuardedAction): ConnectorError {
  return new ConnectorError({
    kind: 'permanent',
    code: 'erp_not_set_up',
    system: 'odoo',
    message: `the ERP has no working action "${action}" for the connector`,
    advice: 'Run "npm run cli -- setup erp" with an administrator’s key.',
  });
}
