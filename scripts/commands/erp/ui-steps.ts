/** Views, actions and the menu: compared column by column, put right by one `load` each. */
import { MODULE, qualified } from '../../../connector/crm/ids.ts';
import { resolve, type SetupContext, type Step } from './context.ts';
import { type UiPlan, uiPlans } from './ui/plan.ts';

export const uiNames = (plans: readonly UiPlan[]): string[] => plans.map(({ name }) => name);

export const uiSteps = (context: SetupContext): Step[] =>
  uiPlans(context.facts).map((plan) => uiStep(context, plan));

function uiStep(context: SetupContext, plan: UiPlan): Step {
  const { odoo, ids } = context;
  const values = () => plan.values((name) => ids.get(name) ?? 0);
  return {
    title: plan.title,
    needed: async () => {
      const id = ids.get(plan.name);
      if (id === undefined) return true;
      const wanted = Object.entries(values());
      const [row] = await odoo.call<Record<string, unknown>[]>(plan.model, 'search_read', {
        domain: [['id', '=', id]],
        fields: wanted.map(([column]) => fieldOf(column)),
        // Menus hide what the asker cannot open, views and menus what is archived: an administrator's choice stays.
        context: { active_test: false, 'ir.ui.menu.full_list': true },
      });
      if (row === undefined) return true;
      const same = await Promise.all(
        wanted.map(async ([column, cell]) => {
          const actual = row[fieldOf(column)];
          if (!column.endsWith('/id')) return actual === cell;
          return Array.isArray(actual) && actual[0] === (await known(context, String(cell)));
        }),
      );
      return same.includes(false);
    },
    apply: async () => {
      const columns = Object.entries(values());
      const [id] = await odoo.load(
        plan.model,
        ['id', ...columns.map(([column]) => column)],
        [[qualified(plan.name), ...columns.map(([, cell]) => cell)]],
      );
      ids.set(plan.name, id!);
    },
  };
}

/** `arch` is written; read, it would come with a version's own additions. */
const fieldOf = (column: string): string => (column === 'arch' ? 'arch_db' : column.replace(/\/id$/, ''));

/** In a dry run a record of ours that is not made yet has no id. */
const known = async (context: SetupContext, xmlId: string): Promise<number | undefined> =>
  xmlId.startsWith(`${MODULE}.`) && !context.ids.has(xmlId.slice(MODULE.length + 1))
    ? undefined
    : resolve(context, xmlId);
