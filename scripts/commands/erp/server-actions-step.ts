/** Server actions of one kind: looked at together and made together, in one call each. */
import { findAll, giveName, resolve, type SetupContext, type Step } from './context.ts';

export interface ServerAction {
  /** External id in our module. */
  readonly name: string;
  /** A second one of model `ir.actions.actions`, for those who may not read server actions. */
  readonly alias?: string;
  readonly label: string;
  /** External ids of the model it runs on and of the only group that may run it. */
  readonly model: string;
  readonly group: string;
  readonly code: string;
}

const MODEL = 'ir.actions.server';

export function serverActionsStep(
  context: SetupContext,
  { title, actions }: { title: string; actions: readonly ServerAction[] },
): Step {
  const { odoo, ids } = context;
  const { groupsField } = context.facts;
  const isRight = async (action: ServerAction, row: Record<string, unknown>): Promise<boolean> =>
    row.name === action.label &&
    row.state === 'code' &&
    row.code === action.code &&
    (action.alias === undefined || ids.get(action.alias) === row.id) &&
    JSON.stringify(row[groupsField]) === JSON.stringify([await resolve(context, action.group)]);
  const wrong = async (): Promise<readonly { action: ServerAction; id: number | undefined }[]> => {
    const rows = await findAll(
      odoo,
      MODEL,
      [['id', 'in', actions.map(({ name }) => ids.get(name) ?? 0)]],
      ['name', 'state', 'code', groupsField],
    );
    const found: { action: ServerAction; id: number | undefined }[] = [];
    for (const action of actions) {
      const row = rows.find(({ id }) => id === ids.get(action.name));
      if (row === undefined || !(await isRight(action, row))) found.push({ action, id: row?.id });
    }
    return found;
  };
  const valuesOf = async ({ label, code, model, group }: ServerAction) => ({
    name: label,
    state: 'code',
    code,
    model_id: await resolve(context, model),
    [groupsField]: [[6, 0, [await resolve(context, group)]]],
  });
  const named = (action: ServerAction, id: number) => [
    { name: action.name, model: MODEL, id },
    ...(action.alias === undefined ? [] : [{ name: action.alias, model: 'ir.actions.actions', id }]),
  ];
  return {
    title,
    needed: async () => {
      const found = await wrong();
      return (
        found.length > 0 &&
        (found.length === actions.length || found.map(({ action }) => action.label).join(', '))
      );
    },
    apply: async () => {
      const found = await wrong();
      const there = found.flatMap(({ action, id }) => (id === undefined ? [] : [{ action, id }]));
      for (const { action, id } of there)
        await odoo.call(MODEL, 'write', { ids: [id], vals: await valuesOf(action) });
      const missing = found.filter(({ id }) => id === undefined).map(({ action }) => action);
      const vals_list = await Promise.all(missing.map(valuesOf));
      const made = missing.length === 0 ? [] : await odoo.call<number[]>(MODEL, 'create', { vals_list });
      await giveName(context, [
        ...there.flatMap(({ action, id }) => named(action, id)),
        ...missing.flatMap((action, at) => named(action, made[at]!)),
      ]);
    },
  };
}
