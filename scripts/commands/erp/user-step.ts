import { ConnectorError } from '../../../connector/errors.ts';
import { findOne, giveName, resolve, type SetupContext, type Step } from './context.ts';

export const USER_NAME = 'user_service';

// Nothing an administrator has: no settings, no users, no other applications.
const GROUPS = [
  'base.group_user',
  'base.group_partner_manager',
  'sales_team.group_sale_salesman_all_leads',
  'stripe_connector.group_connector',
];

/** The service's own user, an internal one: Sales (all documents), contacts, and our group. */
export function userStep(context: SetupContext, login: string): Step {
  const { groupsField } = context.facts;
  const current = () =>
    findOne<{ id: number; login: string; active: boolean } & Record<string, unknown>>(
      context.odoo,
      'res.users',
      [['id', '=', context.ids.get(USER_NAME) ?? 0]],
      ['login', 'active', groupsField],
    );
  const groupIds = () => Promise.all(GROUPS.map((group) => resolve(context, group)));
  return {
    title: `user "${login}"`,
    needed: async () => {
      const user = await current();
      if (user === undefined || !user.active || user.login !== login || !context.ids.has('group_connector'))
        return true;
      const has = new Set(user[groupsField] as number[]);
      return (await groupIds()).some((id) => !has.has(id));
    },
    apply: async () => {
      const user = await current();
      const groups = await groupIds();
      if (user !== undefined) {
        const vals = { login, active: true, [groupsField]: groups.map((id) => [4, id]) };
        await context.odoo.call('res.users', 'write', { ids: [user.id], vals });
        return;
      }
      const [id] = await context.odoo.call<number[]>('res.users', 'create', {
        vals_list: [
          {
            name: 'Stripe Connector',
            login,
            // An author without an address cannot write notes; .invalid is reserved (RFC 2606), nothing is sent there.
            email: 'stripe-connector@connector.invalid',
            [groupsField]: [[6, 0, groups]],
          },
        ],
        context: { no_reset_password: true },
      });
      await giveName(context, [{ name: USER_NAME, model: 'res.users', id: id! }]);
    },
  };
}

/** Before anything is made. @throws ConnectorError conflict `erp_login_taken` */
export async function refuseForeignLogin(context: SetupContext, login: string): Promise<void> {
  const other = await findOne<{ id: number }>(context.odoo, 'res.users', [['login', '=', login]], ['login']);
  if (other === undefined || other.id === context.ids.get(USER_NAME)) return;
  throw new ConnectorError({
    kind: 'conflict',
    code: 'erp_login_taken',
    system: 'odoo',
    message: `the login "${login}" belongs to a user the connector did not make`,
    advice: 'Choose another one with --login, and set ODOO_USERNAME to it.',
  });
}
