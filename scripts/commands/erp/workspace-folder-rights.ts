import { findOne, giveName, resolve, type SetupContext, type Step } from './context.ts';

const MODELS = ['documents_folder', 'documents_document'] as const;
const nameOf = (model: string): string => `access_${model}_connector`;

export const folderRightNames: readonly string[] = MODELS.map(nameOf);

/** Up to 17 only managers of Documents make folders: our group may too, so that the service need not be one. */
export function folderRightsStep(context: SetupContext): Step {
  const { odoo, ids } = context;
  const missing = async (): Promise<readonly string[]> => {
    const found = await Promise.all(
      MODELS.map((model) =>
        findOne(odoo, 'ir.model.access', [['id', '=', ids.get(nameOf(model)) ?? 0]], ['name']),
      ),
    );
    return MODELS.filter((_, index) => found[index] === undefined);
  };
  return {
    title: 'right to make folders in Odoo Documents',
    needed: async () => (await missing()).length > 0,
    apply: async () => {
      for (const model of await missing()) {
        const values = {
          name: `${model.replace('_', '.')} connector`,
          model_id: await resolve(context, `documents.model_${model}`),
          group_id: await resolve(context, 'stripe_connector.group_connector'),
          perm_read: true,
          perm_write: true,
          perm_create: true,
          perm_unlink: false,
        };
        const [id] = await odoo.call<number[]>('ir.model.access', 'create', { vals_list: [values] });
        // A create leaves Odoo's cache of rights stale, a write does not.
        await odoo.call('ir.model.access', 'write', { ids: [id!], vals: { perm_read: true } });
        await giveName(context, [{ name: nameOf(model), model: 'ir.model.access', id: id! }]);
      }
    },
  };
}
