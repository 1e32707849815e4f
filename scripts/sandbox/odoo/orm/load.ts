/** `load`: rows of texts, upserted by external id, all or nothing; errors are messages, not exceptions. */
import { keyError, OdooError, valueError } from '../errors.ts';
import { create } from './create.ts';
import { bindXmlid, resolveXmlid, splitXmlid } from './external-ids.ts';
import { type Column, convertCell, type LoadProblem } from './load-cell.ts';
import { type Env, type Model, type Vals, withContext } from './types.ts';
import { write } from './write.ts';

export interface LoadAnswer {
  readonly ids: number[] | false;
  readonly messages: Record<string, unknown>[];
  readonly nextrow: number;
}

/**
 * @throws OdooError for an unknown column (KeyError in 17, ValueError later) and for missing access rights' own checks
 * inside conversion; everything about a row becomes a message.
 */
export function load(
  caller: Env,
  model: Model,
  header: readonly string[],
  data: readonly unknown[][],
): LoadAnswer {
  const env = withContext(caller, { _load: true });
  const columns = header.map((path) => toColumn(env, model, path));
  const cellProblems = problemsOf(env, model, columns, data);
  if (cellProblems.length > 0) return { ids: false, messages: cellProblems, nextrow: 0 };
  const messages: Record<string, unknown>[] = [];
  const ids: number[] = [];
  try {
    env.erp.tables.transaction(() => {
      data.forEach((cells, record) => {
        try {
          ids.push(env.erp.tables.transaction(() => loadRow({ env, model, columns, cells })));
        } catch (thrown) {
          messages.push(toMessage(thrown, record));
        }
      });
      if (messages.length > 0) throw new Refused();
    });
  } catch (thrown) {
    if (thrown instanceof Refused) return { ids: false, messages, nextrow: 0 };
    throw thrown;
  }
  return { ids, messages: [], nextrow: 0 };
}

/** Rolls the batch back. */
class Refused extends Error {}

/** What is wrong with one cell; `load` makes a message of it. */
class CellError extends Error {
  readonly problem: LoadProblem;
  constructor(problem: LoadProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

function toColumn(env: Env, model: Model, path: string): Column {
  if (path === 'id' || path === '.id') return { kind: path };
  const [name = '', sub, ...rest] = path.split('/');
  const field = model.fields.get(name);
  if (field === undefined)
    throw env.erp.version === 17 ? keyError(name) : valueError(`Invalid field name '${name}'`);
  if (rest.length > 0 || (sub !== undefined && sub !== 'id' && sub !== '.id'))
    throw valueError(`the sandbox's load takes no nested records ('${path}')`);
  return { kind: 'field', name, field, by: sub === 'id' ? 'xmlid' : sub === '.id' ? 'id' : 'value' };
}

/** What is wrong with the cells themselves; while anything is, Odoo tries no row. References into the load are trusted. */
function problemsOf(env: Env, model: Model, columns: readonly Column[], data: readonly unknown[][]) {
  const messages: Record<string, unknown>[] = [];
  const pending = new Set<string>();
  const own = columns.findIndex(({ kind }) => kind === 'id');
  data.forEach((cells, record) => {
    columns.forEach((column, at) => {
      const cell = cells[at];
      if (column.kind !== 'field') return;
      if (
        column.by === 'xmlid' &&
        column.field.relation === model.name &&
        pending.has(qualified(String(cell)))
      )
        return;
      const result = convertCell({ env, model, column, cell });
      if ('problem' in result) messages.push(toMessage(new CellError(result.problem), record));
    });
    if (own >= 0 && cells[own]) pending.add(qualified(String(cells[own])));
  });
  return messages;
}

function loadRow(input: {
  env: Env;
  model: Model;
  columns: readonly Column[];
  cells: readonly unknown[];
}): number {
  const { env, model, columns, cells } = input;
  const vals: Vals = {};
  let xmlid: string | undefined;
  let dbId: number | undefined;
  columns.forEach((column, at) => {
    const cell = cells[at];
    if (column.kind === 'id') {
      if (cell) xmlid = qualified(String(cell));
    } else if (column.kind === '.id') {
      if (cell) dbId = knownId(env, model, String(cell));
    } else {
      const result = convertCell({ env, model, column, cell });
      if ('problem' in result) throw new CellError(result.problem);
      vals[column.name] = result.value;
    }
  });
  if (dbId !== undefined) {
    write(env, model, [dbId], vals);
    return dbId;
  }
  return xmlid === undefined ? create(env, model, vals).id : upsert({ env, model, xmlid, vals });
}

function upsert(input: { env: Env; model: Model; xmlid: string; vals: Vals }): number {
  const { env, model, xmlid, vals } = input;
  const { erp } = env;
  const found = resolveXmlid(erp, xmlid);
  if (found !== undefined) {
    if (found.model !== model.name)
      throw valueError(
        `For external id ${xmlid} when trying to create/update a record of model ${model.name} found record of different model ${found.model} (${found.dataId})`,
      );
    write(env, model, [found.id], vals);
    return found.id;
  }
  const { id } = create(env, model, vals);
  const stale = erp.tables.first('ir.model.data', 'complete_name', xmlid);
  if (stale !== undefined) erp.tables.remove('ir.model.data', stale.id);
  const row = bindXmlid(erp, { xmlid, model: model.name, id, uid: env.uid });
  if (/\s/.test(xmlid))
    throw valueError(
      `new row for relation "ir_model_data" violates check constraint "ir_model_data_name_nospaces"\nDETAIL:  Failing row contains (${row.id}, …, ${splitXmlid(xmlid).reverse().join(', ')}, ${model.name}).\n`,
    );
  return id;
}

const qualified = (xmlid: string) => splitXmlid(xmlid).join('.');

function knownId(env: Env, model: Model, text: string): number {
  if (env.erp.tables.get(model.name, Number(text)) !== undefined) return Number(text);
  throw new CellError({ field: '.id', message: `Unknown database identifier '${text}'` });
}

function toMessage(thrown: unknown, record: number): Record<string, unknown> {
  const rows = { from: record, to: record };
  if (thrown instanceof CellError) return { rows, type: 'error', record, ...thrown.problem };
  // Python mistakes of the conversion itself end the call.
  if (!(thrown instanceof OdooError) || thrown.exception === 'builtins.AttributeError') throw thrown;
  return {
    rows,
    record,
    type: 'error',
    message: thrown.bare,
    ...(thrown.field === undefined ? {} : { field: thrown.field }),
  };
}
