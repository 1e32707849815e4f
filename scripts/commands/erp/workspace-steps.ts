/** Where an application for documents is installed: the place for the workspaces in it, and the service's right to it. */
import { qualified } from '../../../connector/crm/ids.ts';
import { DMS } from '../../../connector/crm/workspace/dms.ts';
import { documents } from '../../../connector/crm/workspace/documents.ts';
import { findOne, giveName, resolve, type SetupContext, type Step } from './context.ts';
import { USER_NAME } from './user-step.ts';
import { folderRightNames, folderRightsStep } from './workspace-folder-rights.ts';

/** Name of the folder, or of the storage, that holds all workspaces. */
const PLACE = 'CDE';

export const workspaceNames: readonly string[] = [
  documents.anchor!,
  ...Object.values(DMS),
  ...folderRightNames,
];

/** Nothing for an application that is not there; installed later, set-up run again sees it. */
export async function workspaceSteps(context: SetupContext): Promise<Step[]> {
  const has = async (module: string, group: string) =>
    (await context.odoo.xmlidToRes(module, group)) !== null;
  const steps: Step[] = [];
  if (await has('documents', 'group_documents_user')) {
    steps.push(groupStep(context, 'documents.group_documents_user'));
    if (context.facts.major < 18) steps.push(folderRightsStep(context), documents17Step(context));
    else steps.push(documentsStep(context));
  }
  if (await has('dms', 'group_dms_user'))
    steps.push(groupStep(context, 'dms.group_dms_user'), ...dmsSteps(context));
  return steps;
}

function groupStep(context: SetupContext, group: string): Step {
  const { groupsField } = context.facts;
  return {
    title: `${group} for the service’s user`,
    needed: async () => {
      const id = context.ids.get(USER_NAME) ?? 0;
      const user = await findOne<Record<string, unknown>>(
        context.odoo,
        'res.users',
        [['id', '=', id]],
        [groupsField],
      );
      return !(user?.[groupsField] as number[] | undefined)?.includes(await resolve(context, group));
    },
    apply: async () => {
      const vals = { [groupsField]: [[4, await resolve(context, group)]] };
      await context.odoo.call('res.users', 'write', { ids: [context.ids.get(USER_NAME)!], vals });
    },
  };
}

/** A company folder is one that nobody owns: since 19 truly, in 18 it is the system's. */
function documentsStep(context: SetupContext): Step {
  const { odoo, facts } = context;
  const model = 'documents.document';
  return placeStep(context, model, async () => {
    const [id] = await odoo.call<number[]>(model, 'create', {
      vals_list: [
        {
          name: PLACE,
          type: 'folder',
          owner_id: facts.major >= 19 ? false : await resolve(context, 'base.user_root'),
          access_internal: 'view',
          access_via_link: 'none',
        },
      ],
    });
    const user = await findOne<{ partner_id: [number, string] }>(
      odoo,
      'res.users',
      [['id', '=', context.ids.get(USER_NAME) ?? 0]],
      ['partner_id'],
    );
    const partners = { [user!.partner_id[0]]: ['edit', false] };
    await odoo.call(model, 'action_update_access_rights', { ids: [id!], partners });
    return id!;
  });
}

function documents17Step(context: SetupContext): Step {
  return placeStep(context, 'documents.folder', async () => {
    const groups = ['sales_team.group_sale_manager', 'stripe_connector.group_connector'];
    const writers = await Promise.all(groups.map((group) => resolve(context, group)));
    const [id] = await context.odoo.call<number[]>('documents.folder', 'create', {
      vals_list: [
        {
          name: PLACE,
          group_ids: [[6, 0, writers]],
          read_group_ids: [[6, 0, [await resolve(context, 'sales_team.group_sale_salesman')]]],
        },
      ],
    });
    return id!;
  });
}

function placeStep(context: SetupContext, model: string, make: () => Promise<number>): Step {
  const name = documents.anchor!;
  return {
    title: `folder "${PLACE}" in Odoo Documents`,
    needed: async () => {
      const id = context.ids.get(name) ?? 0;
      return (await findOne(context.odoo, model, [['id', '=', id]], ['name'])) === undefined;
    },
    apply: async () => giveName(context, [{ name, model, id: await make() }]),
  };
}

// Salespeople read, sales managers and the service write, administrators delete: as with our own models.
const DMS_RECORDS = [
  {
    name: DMS.storage,
    model: 'dms.storage',
    title: `storage "${PLACE}" in dms`,
    values: { name: PLACE, save_type: 'file', 'company_id/id': '' },
  },
  dmsGroup(DMS.readers, 'CDE: salespeople', 'sales_team.group_sale_salesman', []),
  dmsGroup(
    DMS.editors,
    'CDE: sales managers',
    'sales_team.group_sale_manager,stripe_connector.group_connector',
    ['perm_create', 'perm_write'],
  ),
  dmsGroup(DMS.administrators, 'CDE: administrators', 'base.group_system', [
    'perm_create',
    'perm_write',
    'perm_unlink',
  ]),
];

function dmsGroup(name: string, title: string, groups: string, rights: readonly string[]) {
  const values: Record<string, string> = {
    name: title,
    'group_ids/id': groups,
    // Left out, dms would put in whoever runs set-up.
    'explicit_user_ids/.id': '',
    ...Object.fromEntries(rights.map((right) => [right, 'True'])),
  };
  return { name, model: 'dms.access.group', title: `access group "${title}" in dms`, values };
}

/** Made once; what an administrator changes in them stays. */
const dmsSteps = (context: SetupContext): Step[] =>
  DMS_RECORDS.map(({ name, model, title, values }) => ({
    title,
    needed: async () => {
      const id = context.ids.get(name) ?? 0;
      return (await findOne(context.odoo, model, [['id', '=', id]], ['name'])) === undefined;
    },
    apply: async () => {
      const columns = Object.entries(values);
      const header = ['id', ...columns.map(([column]) => column)];
      const [id] = await context.odoo.load(model, header, [
        [qualified(name), ...columns.map(([, cell]) => cell)],
      ]);
      context.ids.set(name, id!);
    },
  }));
