/** The models there are: ours, plus models and `x_` fields that administrators made (rows of `ir.model` and `ir.model.fields`). */
import { userError } from '../errors.ts';
import { computedByPython } from './computed.ts';
import { boolean, char, datetime, integer, many2one, one2many } from './fields.ts';
import type { Tables } from './tables.ts';
import type { Field, FieldType, Hooks, Method, Model, Row, Unique, Version } from './types.ts';

export interface ModelSource {
  readonly name: string;
  readonly description: string;
  readonly module: string;
  readonly fields: Readonly<Record<string, Field>>;
  readonly recName?: string;
  readonly order?: string;
  readonly thread?: boolean;
  readonly hooks?: Hooks;
  readonly methods?: Readonly<Record<string, Method>>;
  readonly unique?: readonly Unique[];
}

export interface Registry {
  find(name: string): Model | undefined;
  /** @throws OdooError UserError for a model that does not exist. */
  get(name: string): Model;
  base(): readonly Model[];
}

const MANUAL_TABLES = ['ir.model', 'ir.model.fields', 'ir.model.fields.selection'];

export function createRegistry(deps: {
  tables: Tables;
  version: Version;
  sources: readonly ModelSource[];
  /** Methods and fields of models with chatter. */
  thread: Readonly<Record<string, Method>>;
}): Registry {
  const { tables } = deps;
  const base = new Map(deps.sources.map((source) => [source.name, fromSource(source, deps)]));
  let extended = new Map<string, Model>();
  let seen = -1;

  for (const model of base.values()) indexMany2ones(model, tables);

  const refresh = () => {
    const changes = MANUAL_TABLES.reduce((sum, name) => sum + tables.changes(name), 0);
    if (changes === seen) return;
    seen = changes;
    extended = withManual({ base, tables, thread: deps.thread });
    for (const model of extended.values()) indexMany2ones(model, tables);
  };

  const find = (name: string) => {
    refresh();
    return extended.get(name) ?? base.get(name);
  };

  return {
    find,
    get(name) {
      const model = find(name);
      if (model === undefined) throw userError(`Object ${name} doesn't exist`);
      return model;
    },
    base: () => [...base.values()],
  };
}

const MAGIC: Readonly<Record<string, Field>> = {
  id: integer('ID', { readonly: true }),
  display_name: char('Display Name', { readonly: true, compute: () => false }),
  create_uid: many2one('Created by', 'res.users', { readonly: true }),
  create_date: datetime('Created on', { readonly: true }),
  write_uid: many2one('Last Updated by', 'res.users', { readonly: true }),
  write_date: datetime('Last Updated on', { readonly: true }),
};

const threadFields = (owner: string): Readonly<Record<string, Field>> => ({
  message_ids: one2many('Messages', 'mail.message', 'res_id', { inverseModel: 'model' }),
  message_follower_ids: one2many('Followers', 'mail.followers', 'res_id', {
    readonly: true,
    compute: () => [],
  }),
  message_attachment_count: integer('Attachment Count', {
    readonly: true,
    compute: ({ erp: { tables } }, row) =>
      [...(tables.lookup('ir.attachment', 'res_id', row.id) ?? [])].filter(
        (id) => tables.get('ir.attachment', id)?.res_model === owner,
      ).length,
  }),
  has_message: boolean('Has Message', { readonly: true, compute: () => true }),
  activity_ids: one2many('Activities', 'mail.activity', 'res_id', { inverseModel: 'res_model' }),
});

function fromSource(source: ModelSource, deps: { thread: Readonly<Record<string, Method>> }): Model {
  const thread = source.thread ?? false;
  return {
    name: source.name,
    description: source.description,
    module: source.module,
    fields: new Map(
      Object.entries({ ...MAGIC, ...(thread ? threadFields(source.name) : {}), ...source.fields }),
    ),
    recName: source.recName ?? 'name',
    order: source.order ?? 'id',
    thread,
    manual: false,
    hooks: source.hooks ?? {},
    methods: new Map(Object.entries({ ...(thread ? deps.thread : {}), ...source.methods })),
    unique: source.unique ?? [],
  };
}

function withManual(input: {
  base: ReadonlyMap<string, Model>;
  tables: Tables;
  thread: Readonly<Record<string, Method>>;
}): Map<string, Model> {
  const { base, tables, thread } = input;
  const choices = Map.groupBy(tables.all('ir.model.fields.selection'), (row) => Number(row.field_id));
  const added = new Map<string, Map<string, Field>>();
  for (const row of tables.all('ir.model.fields')) {
    if (row.state !== 'manual') continue;
    const fields = added.get(String(row.model)) ?? new Map();
    fields.set(String(row.name), manualField(row, choices.get(row.id) ?? []));
    added.set(String(row.model), fields);
  }
  const models = new Map<string, Model>();
  for (const row of tables.all('ir.model')) {
    const name = String(row.model);
    const own = base.get(name);
    const fields = added.get(name) ?? new Map();
    if (own !== undefined) {
      if (fields.size > 0) models.set(name, { ...own, fields: new Map([...own.fields, ...fields]) });
      continue;
    }
    const isThread = row.is_mail_thread === true;
    models.set(name, {
      name,
      description: String(row.name),
      module: 'base',
      fields: new Map([...Object.entries({ ...MAGIC, ...(isThread ? threadFields(name) : {}) }), ...fields]),
      recName: fields.has('x_name') ? 'x_name' : 'id',
      order: row.order === false ? 'id' : String(row.order ?? 'id'),
      thread: isThread,
      manual: true,
      hooks: {},
      methods: new Map(Object.entries(isThread ? thread : {})),
      unique: [],
    });
  }
  return models;
}

function manualField(row: Row, choices: readonly Row[]): Field {
  const type = String(row.ttype) as FieldType;
  const compute = row.compute ? computedByPython(String(row.compute)) : undefined;
  return {
    type,
    string: String(row.field_description),
    manual: true,
    ...(compute === undefined ? {} : { compute }),
    ...(row.help ? { help: String(row.help) } : {}),
    ...(row.required === true ? { required: true } : {}),
    ...(row.readonly === true ? { readonly: true } : {}),
    ...(row.copied === false ? { copied: false } : {}),
    ...(row.index === true ? { index: true } : {}),
    ...(row.relation ? { relation: String(row.relation) } : {}),
    ...(row.relation_field ? { inverse: String(row.relation_field) } : {}),
    ...(row.currency_field ? { currencyField: String(row.currency_field) } : {}),
    ...(row.on_delete ? { onDelete: row.on_delete as 'cascade' | 'set null' | 'restrict' } : {}),
    ...(type === 'selection'
      ? {
          selection: [...choices]
            .sort((a, b) => Number(a.sequence) - Number(b.sequence) || a.id - b.id)
            .map((choice) => [String(choice.value), String(choice.name)] as const),
        }
      : {}),
    ...(type === 'monetary' && !row.currency_field ? { currencyField: 'x_currency_id' } : {}),
  };
}

/** Relations are looked up from the other side at each read and delete. */
function indexMany2ones(model: Model, tables: Tables): void {
  for (const [name, field] of model.fields) {
    if (field.via !== undefined || field.compute !== undefined) continue;
    if (field.type === 'many2one' || field.type === 'many2one_reference' || field.index)
      tables.index(model.name, name);
  }
}
