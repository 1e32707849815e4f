/** Staff of the ERP under test. */
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { type Erp, unique } from './erp.ts';

export const SALESPERSON = ['base.group_user', 'sales_team.group_sale_salesman_all_leads'];
export const MANAGER = ['base.group_user', 'sales_team.group_sale_manager'];

export interface Person {
  readonly id: number;
  readonly login: string;
  readonly odoo: Odoo;
}

/** Logs in by password, which JSON-2 does not take. */
export async function hire(erp: Erp, name: string, groups: readonly string[]): Promise<Person> {
  const [login, password] = [unique(name), unique('Long-Passw0rd')];
  const groupIds = await Promise.all(
    groups.map(async (group) => {
      const [module = '', id = ''] = group.split('.');
      return (await erp.admin.xmlidToRes(module, id))!.id;
    }),
  );
  const ids = await erp.admin.call<number[]>('res.users', 'create', {
    vals_list: [{ name: login, login, password, [erp.facts.groupsField]: [[6, 0, groupIds]] }],
    context: { no_reset_password: true },
  });
  const [{ partner_id: partner }] = (await erp.admin.call('res.users', 'read', {
    ids,
    fields: ['partner_id'],
  })) as [{ partner_id: [number, string] }];
  erp.tidy('res.partner', [partner[0]]);
  erp.tidy('res.users', ids);
  return { id: ids[0]!, login, odoo: erp.as(login, password, 'jsonrpc') };
}

/** Presses a button of a record's form, as the web client does. @returns the action the client would show */
export async function press(
  erp: Erp,
  who: Odoo,
  button: { action: string; model: string; id: number },
): Promise<Record<string, unknown>> {
  const { id } = (await erp.admin.xmlidToRes('stripe_connector', `action_${button.action}`))!;
  return who.call('ir.actions.server', 'run', {
    ids: [id],
    context: { active_model: button.model, active_ids: [button.id], active_id: button.id },
  });
}
