/** The company, its administrator and the bot. */

import type { OdooModule } from '../models/documents/modules.ts';
import { hashSecret } from '../models/user.ts';
import { groupField, groupId, withImplied } from '../orm/groups.ts';
import type { Erp } from '../orm/types.ts';
import type { Add } from './add.ts';
import { COUNTRIES } from './countries.ts';

export const ADMIN_LOGIN = 'admin';

export const ADMIN_KEY = 'sandbox-admin-key';

export const ADMIN_ID = 2;

export function seedPeople(erp: Erp, add: Add, modules: readonly OdooModule[]): void {
  const usa = COUNTRIES.findIndex(({ code }) => code === 'US') + 1;
  const person = { type: 'contact', lang: 'en_US', active: true };
  add(
    'res.partner',
    1,
    { ...person, name: 'My Company', is_company: true, country_id: usa },
    'base.main_partner',
  );
  add(
    'res.partner',
    2,
    {
      ...person,
      name: 'OdooBot',
      active: false,
      email: 'odoobot@example.com',
      _email: 'odoobot@example.com',
    },
    'base.partner_root',
  );
  add(
    'res.partner',
    3,
    {
      ...person,
      name: 'Administrator',
      email: 'admin@example.com',
      _email: 'admin@example.com',
    },
    'base.partner_admin',
  );
  add(
    'res.company',
    1,
    { name: 'My Company', partner_id: 1, currency_id: 1, country_id: usa },
    'base.main_company',
  );
  const managed = modules.map((name) => `${name}.group_${name}_manager`);
  const all = ['base.group_system', 'sales_team.group_sale_manager', ...managed].map((xmlid) =>
    groupId(erp, xmlid),
  );
  const groups = erp.version === 19 ? all : [...withImplied(erp, all)];
  const account = {
    [groupField(erp)]: groups,
    company_id: 1,
    company_ids: [1],
    share: false,
    notification_type: 'email',
  };
  add(
    'res.users',
    1,
    { ...account, login: '__system__', _login_lower: '__system__', partner_id: 2, active: false },
    'base.user_root',
  );
  add(
    'res.users',
    ADMIN_ID,
    {
      ...account,
      login: ADMIN_LOGIN,
      _login_lower: ADMIN_LOGIN,
      partner_id: 3,
      active: true,
      _password: hashSecret('admin'),
    },
    'base.user_admin',
  );
  add('res.users.apikeys', 1, {
    name: 'sandbox',
    user_id: ADMIN_ID,
    scope: 'rpc',
    expiration_date: false,
    _key: hashSecret(ADMIN_KEY),
  });
}
