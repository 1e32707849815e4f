import { findOne, giveName, resolve, type SetupContext, type Step } from './context.ts';
import type { AccessPlan, FieldPlan, ModelPlan } from './models.ts';

const modelName = (plan: ModelPlan): string => `model_${plan.model}`;
const accessName = (plan: ModelPlan, access: AccessPlan): string => `access_${plan.model}_${access.key}`;

/** External ids the steps of a model use. */
export const modelNames = (plan: ModelPlan): string[] => [
  modelName(plan),
  ...plan.access.map((access) => accessName(plan, access)),
];

/** The model with all its fields and rights in one call; on an existing one, what is missing or reads differently. */
export function modelSteps(context: SetupContext, plan: ModelPlan): Step[] {
  return [modelStep(context, plan), fieldsStep(context, plan), accessStep(context, plan)];
}

interface ModelRow {
  readonly id: number;
  readonly is_mail_activity: boolean;
}

const modelRow = (context: SetupContext, plan: ModelPlan): Promise<ModelRow | undefined> =>
  findOne(context.odoo, 'ir.model', [['model', '=', plan.model]], ['is_mail_activity']);

const modelId = async (context: SetupContext, plan: ModelPlan): Promise<number | undefined> =>
  (await modelRow(context, plan))?.id;

function modelStep(context: SetupContext, plan: ModelPlan): Step {
  return {
    title: `model ${plan.model} with ${plan.fields.length} fields`,
    needed: async () => {
      const row = await modelRow(context, plan);
      return (
        row === undefined ||
        row.is_mail_activity !== plan.mailThread ||
        context.ids.get(modelName(plan)) !== row.id
      );
    },
    apply: async () => {
      const row = await modelRow(context, plan);
      const id = row?.id ?? (await createModel(context, plan));
      if (row !== undefined && row.is_mail_activity !== plan.mailThread)
        await context.odoo.call('ir.model', 'write', {
          ids: [id],
          vals: { is_mail_activity: plan.mailThread },
        });
      await giveName(context, [{ name: modelName(plan), model: 'ir.model', id }]);
    },
  };
}

async function createModel(context: SetupContext, plan: ModelPlan): Promise<number> {
  const access = await Promise.all(plan.access.map((each) => accessValues(context, plan, each)));
  const [id] = await context.odoo.call<number[]>('ir.model', 'create', {
    vals_list: [
      {
        name: plan.label,
        model: plan.model,
        is_mail_thread: plan.mailThread,
        is_mail_activity: plan.mailThread,
        field_id: plan.fields.map((field) => [0, 0, fieldValues(field)]),
        // Inline: rights made afterwards are not seen by Odoo's cache (17 to 19).
        access_ids: access.map((values) => [0, 0, values]),
      },
    ],
  });
  return id!;
}

interface FieldRow {
  readonly id: number;
  readonly name: string;
  readonly field_description: string;
  readonly help: string | false;
  readonly compute: string | false;
}

function fieldsStep(context: SetupContext, plan: ModelPlan): Step {
  const compare = async () => {
    const rows = await context.odoo.call<FieldRow[]>('ir.model.fields', 'search_read', {
      domain: [['model', '=', plan.model]],
      fields: ['name', 'field_description', 'help', 'compute'],
    });
    const byName = new Map(rows.map((row) => [row.name, row]));
    return {
      missing: plan.fields.filter(({ name }) => !byName.has(name)),
      changed: plan.fields.flatMap((field) => {
        const row = byName.get(field.name);
        const same =
          row === undefined ||
          (row.field_description === field.label &&
            row.help === field.help &&
            (row.compute || undefined) === field.compute);
        return same ? [] : [{ id: row.id, field }];
      }),
    };
  };
  return {
    title: `fields of ${plan.model}`,
    // While the model itself is missing its own step speaks for its fields.
    needed: async () => {
      if ((await modelId(context, plan)) === undefined) return false;
      const { missing, changed } = await compare();
      const names = [...missing, ...changed.map(({ field }) => field)].map(({ name }) => name);
      return names.length > 0 && names.join(', ');
    },
    apply: async () => {
      const { missing, changed } = await compare();
      const model_id = await modelId(context, plan);
      if (missing.length > 0) {
        await context.odoo.call('ir.model.fields', 'create', {
          vals_list: missing.map((field) => ({ ...fieldValues(field), model_id })),
        });
      }
      for (const { id, field } of changed) {
        const vals = { field_description: field.label, help: field.help, compute: field.compute ?? false };
        await context.odoo.call('ir.model.fields', 'write', { ids: [id], vals });
      }
    },
  };
}

function fieldValues(field: FieldPlan): Record<string, unknown> {
  return {
    name: field.name,
    field_description: field.label,
    help: field.help,
    ttype: field.type,
    copied: false,
    ...(field.required === true && { required: true }),
    ...(field.index === true && { index: true }),
    ...(field.relation !== undefined && { relation: field.relation }),
    ...(field.type === 'many2one' && { on_delete: field.onDelete ?? 'set null' }),
    ...(field.compute !== undefined && { compute: field.compute, store: false, readonly: true }),
    ...(field.currencyField !== undefined && { currency_field: field.currencyField }),
    ...(field.showEmptyGroups === true && { group_expand: true }),
    ...(field.options !== undefined && {
      selection_ids: field.options.map(([value, name], sequence) => [0, 0, { value, name, sequence }]),
    }),
  };
}

interface AccessRow {
  readonly id: number;
  readonly group_id: [number, string] | false;
  readonly perm_read: boolean;
  readonly perm_write: boolean;
  readonly perm_create: boolean;
  readonly perm_unlink: boolean;
}

function accessStep(context: SetupContext, plan: ModelPlan): Step {
  const rows = () =>
    context.odoo.call<AccessRow[]>('ir.model.access', 'search_read', {
      domain: [['model_id.model', '=', plan.model]],
      fields: ['group_id', 'perm_read', 'perm_write', 'perm_create', 'perm_unlink'],
    });
  const asPlanned = async (access: AccessPlan, existing: readonly AccessRow[]) => {
    const values = await accessValues(context, plan, access);
    const row = existing.find(
      (candidate) => candidate.group_id !== false && candidate.group_id[0] === values.group_id,
    );
    const right =
      row !== undefined &&
      (['perm_read', 'perm_write', 'perm_create', 'perm_unlink'] as const).every(
        (perm) => row[perm] === values[perm],
      );
    return { row, values, right, name: accessName(plan, access) };
  };
  return {
    title: `access rights of ${plan.model}`,
    needed: async () => {
      // They come with the model, and get their external ids here.
      if ((await modelId(context, plan)) === undefined || !context.ids.has('group_connector')) return true;
      const existing = await rows();
      const checks = await Promise.all(plan.access.map((access) => asPlanned(access, existing)));
      return checks.some(({ row, right, name }) => !right || context.ids.get(name) !== row?.id);
    },
    apply: async () => {
      const existing = await rows();
      const model_id = await modelId(context, plan);
      for (const access of plan.access) {
        const { row, values, right, name } = await asPlanned(access, existing);
        const id = row?.id ?? (await createAccess(context, { ...values, model_id }));
        // Writing, even the same values, empties the cache of rights that a create leaves stale.
        if (!right) await context.odoo.call('ir.model.access', 'write', { ids: [id], vals: values });
        await giveName(context, [{ name, model: 'ir.model.access', id }]);
      }
    },
  };
}

async function createAccess(context: SetupContext, values: Record<string, unknown>): Promise<number> {
  const [id] = await context.odoo.call<number[]>('ir.model.access', 'create', { vals_list: [values] });
  return id!;
}

async function accessValues(context: SetupContext, plan: ModelPlan, access: AccessPlan) {
  return {
    name: `${plan.model} ${access.key}`,
    group_id: await resolve(context, access.group),
    perm_read: true,
    perm_write: access.rights !== 'r',
    perm_create: access.rights.startsWith('rwc'),
    perm_unlink: access.rights === 'rwcd',
  };
}
