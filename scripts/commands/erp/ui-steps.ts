/** Views, actions and the menu: compared column by column, put right by one `load` each. */
import { MODULE, qualified } from '../../../connector/crm/ids.ts';
import { resolve, type SetupContext, type Step } from './context.ts';
import { type UiPlan, uiPlans } from './ui/plan.ts';

export const uiNames = (plans: readonly UiPlan[]): string[] => plans.map(({ name }) => name);

export const uiSteps = (context: SetupContext): Step[] =>
  together(uiPlans(context.facts)).map((plans) => uiStep(context, plans));

/** Neighbouring windows go in one call: after each that makes some, Odoo works out anew who may do what. */
function together(plans: readonly UiPlan[]): UiPlan[][] {
  const groups: UiPlan[][] = [];
  for (const plan of plans) {
    const last = groups.at(-1);
    if (last !== undefined && isWindow(plan) && isWindow(last[0]!) && sameColumns(plan, last[0]!))
      last.push(plan);
    else groups.push([plan]);
  }
  return groups;
}

const isWindow = ({ model }: UiPlan): boolean => model === 'ir.actions.act_window';

const sameColumns = (one: UiPlan, other: UiPlan): boolean =>
  columnsOf(one).join() === columnsOf(other).join();

const columnsOf = (plan: UiPlan): string[] => Object.keys(plan.values(() => 0));

function uiStep(context: SetupContext, plans: readonly UiPlan[]): Step {
  const { odoo, ids } = context;
  const valuesOf = (plan: UiPlan) => plan.values((name) => ids.get(name) ?? 0);
  const isRight = async (plan: UiPlan): Promise<boolean> => {
    const id = ids.get(plan.name);
    if (id === undefined) return false;
    const wanted = Object.entries(valuesOf(plan));
    const [row] = await odoo.call<Record<string, unknown>[]>(plan.model, 'search_read', {
      domain: [['id', '=', id]],
      fields: wanted.map(([column]) => fieldOf(column)),
      // Menus hide what the asker cannot open, views and menus what is archived: an administrator's choice stays.
      context: { active_test: false, 'ir.ui.menu.full_list': true },
    });
    if (row === undefined) return false;
    const same = await Promise.all(
      wanted.map(async ([column, cell]) => {
        const actual = row[fieldOf(column)];
        if (!column.endsWith('/id')) return actual === cell;
        return Array.isArray(actual) && actual[0] === (await known(context, String(cell)));
      }),
    );
    return !same.includes(false);
  };
  const wrong = async (): Promise<readonly UiPlan[]> => {
    const right = await Promise.all(plans.map(isRight));
    return plans.filter((_, at) => !right[at]);
  };
  const [{ model, title }] = plans as readonly [UiPlan, ...UiPlan[]];
  return {
    title: plans.length === 1 ? title : 'windows',
    needed: async () => {
      const found = await wrong();
      if (found.length === 0 || plans.length === 1) return found.length > 0;
      return found.map((plan) => plan.title).join(', ');
    },
    apply: async () => {
      const found = await wrong();
      const rows = found.map((plan) => [qualified(plan.name), ...Object.values(valuesOf(plan))]);
      const made = await odoo.load(model, ['id', ...columnsOf(found[0]!)], rows);
      for (const [at, plan] of found.entries()) ids.set(plan.name, made[at]!);
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
