/** The groups of a fresh database that rights are given to. */
import type { Version } from '../orm/types.ts';

export interface GroupSeed {
  readonly xmlid: string;
  readonly id: number;
  readonly name: string;
  /** By version, because 19 renamed them. */
  readonly category: string;
  readonly implies: readonly string[];
  readonly share?: boolean;
}

export const groupSeeds = (version: Version): readonly GroupSeed[] => {
  const named = (since19: [string, string], before: [string, string]) => {
    const [category, name] = version === 19 ? since19 : before;
    return { category, name };
  };
  return [
    {
      xmlid: 'base.group_user',
      id: 1,
      ...named(['', 'Role / User'], ['User types', 'Internal User']),
      implies: [],
    },
    {
      xmlid: 'base.group_erp_manager',
      id: 2,
      ...named(['', 'Access Rights'], ['Administration', 'Access Rights']),
      implies: ['base.group_user'],
    },
    {
      xmlid: 'base.group_system',
      id: 4,
      ...named(['', 'Role / Administrator'], ['Administration', 'Settings']),
      implies: ['base.group_erp_manager', 'base.group_partner_manager', 'base.group_user'],
    },
    {
      xmlid: 'base.group_no_one',
      id: 7,
      ...named(['', 'Technical Features'], ['Technical', 'Technical Features']),
      implies: [],
    },
    {
      xmlid: 'base.group_partner_manager',
      id: 9,
      ...named(['Contact', 'Creation'], ['Extra Rights', 'Contact Creation']),
      implies: [],
    },
    {
      xmlid: 'base.group_portal',
      id: 10,
      ...named(['', 'Role / Portal'], ['User types', 'Portal']),
      implies: [],
      share: true,
    },
    {
      xmlid: 'base.group_public',
      id: 11,
      ...named(['', 'Role / Public'], ['User types', 'Public']),
      implies: [],
      share: true,
    },
    {
      xmlid: 'sales_team.group_sale_salesman',
      id: 22,
      category: 'Sales',
      name: 'User: Own Documents Only',
      implies: ['base.group_user'],
    },
    {
      xmlid: 'sales_team.group_sale_salesman_all_leads',
      id: 23,
      category: 'Sales',
      name: 'User: All Documents',
      implies: ['sales_team.group_sale_salesman'],
    },
    {
      xmlid: 'sales_team.group_sale_manager',
      id: 24,
      category: 'Sales',
      name: 'Administrator',
      implies: ['sales_team.group_sale_salesman_all_leads'],
    },
  ];
};
