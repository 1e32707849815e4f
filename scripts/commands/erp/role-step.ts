/**
 * ISO 19650 roles in the ERP: a tag on the contact, and a group of its portal user. The group carries no right of its own;
 * a company gives it some where it wants a role to see more.
 */
import { externalId, MODULE, qualified } from '../../../connector/crm/ids.ts';
import type { OdooMapping } from '../../../connector/crm/mapping.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import type { SetupContext, Step } from './context.ts';

const ROLES = ['appointing_party', 'lead_appointed_party', 'appointed_party', 'information_manager'] as const;
type Role = (typeof ROLES)[number];

const groupName = (role: Role): string => `group_role_${role}`;
const TAGS = 'res.partner.category';
const GROUPS = 'res.groups';

export const roleNames: readonly string[] = ROLES.flatMap((role) => [
  externalId.roleTag(role),
  groupName(role),
]);

/** What staff renamed stays as they call it. */
export function roleStep({ odoo, ids }: SetupContext, { roles }: Pick<OdooMapping, 'roles'>): Step {
  const missing = async (model: string, nameOf: (role: Role) => string): Promise<readonly Role[]> => {
    const known = ROLES.map((role) => ids.get(nameOf(role)) ?? 0);
    const there = await odoo.call<number[]>(model, 'search', {
      domain: [['id', 'in', known]],
      context: { active_test: false },
    });
    return ROLES.filter((role) => !there.includes(ids.get(nameOf(role)) ?? 0));
  };
  const make = async (model: string, nameOf: (role: Role) => string, prefix: string): Promise<void> => {
    const wanted = await missing(model, nameOf);
    const rows = wanted.map((role) => [qualified(nameOf(role)), `${prefix}${roles[role]}`]);
    const made = await odoo.load(model, ['id', 'name'], rows);
    for (const [index, role] of wanted.entries()) ids.set(nameOf(role), made[index]!);
  };
  return {
    title: 'tags of contacts and groups of portal users for the ISO 19650 roles',
    needed: async () =>
      (await missing(TAGS, externalId.roleTag)).length > 0 || (await missing(GROUPS, groupName)).length > 0,
    apply: async () => {
      await make(TAGS, externalId.roleTag, '');
      await make(GROUPS, groupName, 'ISO 19650: ');
    },
  };
}

/** Tags and groups go from the records that have them. @returns what was taken away, or would be */
export async function removeRoles(odoo: Odoo, { dryRun }: { dryRun: boolean }): Promise<readonly string[]> {
  const rows = await odoo.call<{ model: string; res_id: number }[]>('ir.model.data', 'search_read', {
    domain: [
      ['module', '=', MODULE],
      ['name', 'in', roleNames],
    ],
    fields: ['model', 'res_id'],
  });
  const lines: string[] = [];
  for (const [model, title] of [
    [TAGS, 'tags of roles'],
    [GROUPS, 'groups of roles'],
  ] as const) {
    const ids = rows.filter((row) => row.model === model).map((row) => row.res_id);
    if (ids.length === 0) continue;
    if (!dryRun) await odoo.call(model, 'unlink', { ids });
    lines.push(`${ids.length} ${title}`);
  }
  return lines;
}
