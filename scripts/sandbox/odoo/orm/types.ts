/** The words of the small ORM: rows, fields, models, methods and the environment a call runs in. */
import type { Registry } from './registry.ts';
import type { Tables } from './tables.ts';

export type Version = 17 | 18 | 19;

/** Stored values: `false` for empty, a many2one as its id, a many2many as a list of ids. Rows are replaced, never changed. */
export interface Row {
  readonly id: number;
  readonly [field: string]: unknown;
}

export type Vals = Record<string, unknown>;

export type FieldType =
  | 'binary'
  | 'boolean'
  | 'char'
  | 'date'
  | 'datetime'
  | 'float'
  | 'html'
  | 'integer'
  | 'json'
  | 'many2many'
  | 'many2one'
  | 'many2one_reference'
  | 'monetary'
  | 'one2many'
  | 'selection'
  | 'text';

export interface Field {
  readonly type: FieldType;
  readonly string: string;
  readonly help?: string;
  readonly required?: boolean;
  readonly readonly?: boolean;
  readonly relation?: string;
  /** one2many: the many2one on the other side (an integer `res_id` there when `inverseModel` names its model column). */
  readonly inverse?: string;
  readonly inverseModel?: string;
  readonly selection?: readonly (readonly [string, string])[];
  readonly defaultValue?: unknown;
  readonly defaultOf?: (env: Env) => unknown;
  /** Not stored: worked out at each read. */
  readonly compute?: (env: Env, row: Row) => unknown;
  /** Not stored, but writable: what a written value means for stored fields. */
  readonly spread?: (value: unknown, row: Row | undefined) => Vals;
  /** Lives on the record this many2one points to (`_inherits`). */
  readonly via?: string;
  readonly currencyField?: string;
  readonly onDelete?: 'cascade' | 'set null' | 'restrict';
  /** External id of the group that may see it. */
  readonly group?: string;
  readonly index?: boolean;
  readonly manual?: boolean;
  readonly copied?: boolean;
}

export interface Model {
  readonly name: string;
  readonly description: string;
  readonly fields: ReadonlyMap<string, Field>;
  readonly recName: string;
  readonly order: string;
  /** Has chatter. */
  readonly thread: boolean;
  readonly module: string;
  readonly manual: boolean;
  readonly hooks: Hooks;
  readonly methods: ReadonlyMap<string, Method>;
  readonly unique: readonly Unique[];
}

export interface Unique {
  readonly fields: readonly string[];
  readonly message: (row: Row) => string;
  readonly field?: string;
  /** What `load` says instead. */
  readonly bare?: string;
}

export interface Hooks {
  readonly displayName?: (env: Env, row: Row) => string;
  /** Before a create: completes or refuses the values (defaults are in already; `given` is what the caller sent). */
  readonly creating?: (env: Env, vals: Vals, given: Vals) => Vals;
  readonly created?: (env: Env, row: Row, given: Vals) => void;
  readonly writing?: (env: Env, row: Row, vals: Vals) => Vals;
  readonly written?: (env: Env, row: Row, before: Row) => void;
  readonly deleting?: (env: Env, row: Row) => void;
  /** Beyond the model's access rights: may this user do this with this very record? */
  readonly rule?: (env: Env, row: Row, operation: Operation) => boolean;
}

export type Operation = 'read' | 'write' | 'create' | 'unlink';

export interface Method {
  /** True for `@api.model` methods, which take no ids. */
  readonly onModel?: boolean;
  /** Python parameter names, in order. */
  readonly params: readonly string[];
  /** How many of them must be given. */
  readonly required?: number;
  readonly versions?: readonly Version[];
  /** Undefined is Python's None. */
  readonly run: (call: Call) => unknown;
}

export interface Call {
  readonly env: Env;
  readonly model: Model;
  readonly ids: readonly number[];
  readonly args: Readonly<Record<string, unknown>>;
}

export interface Env {
  readonly erp: Erp;
  readonly uid: number;
  /** Past all access checks. */
  readonly su: boolean;
  readonly context: Readonly<Record<string, unknown>>;
}

export interface Erp {
  readonly version: Version;
  readonly db: string;
  readonly tables: Tables;
  readonly registry: Registry;
  readonly now: () => Date;
  readonly url: () => string;
  /** Webhooks on their way: whoever caused one waits for it. */
  readonly underWay: Promise<unknown>[];
}

export const sudo = (env: Env): Env => (env.su ? env : { ...env, su: true });
export const withContext = (env: Env, context: Record<string, unknown>): Env => ({
  ...env,
  context: { ...env.context, ...context },
});
