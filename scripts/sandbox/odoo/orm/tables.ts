/** Rows in memory, indexed, written through to the sandbox's store; one transaction per call. */
import type { Store } from '../../store.ts';
import type { Row } from './types.ts';

/** What is on disk: a row, or the mark that a row is gone (so that ids are never used twice and seeded rows stay deleted). */
interface Stored {
  readonly model: string;
  readonly id: number;
  readonly row: Row | null;
}

interface Change {
  readonly model: string;
  readonly id: number;
  readonly before: Row | undefined;
}

interface Table {
  readonly rows: Map<number, Row>;
  readonly indexes: Map<string, Map<unknown, Set<number>>>;
  lastId: number;
  /** Raised at every change: caches built from a table compare it. */
  changes: number;
}

export interface Tables {
  get(model: string, id: number): Row | undefined;
  /** In the order of creation. */
  all(model: string): Iterable<Row>;
  count(model: string): number;
  /** Ids whose `field` holds `value`; undefined when the field has no index. */
  lookup(model: string, field: string, value: unknown): ReadonlySet<number> | undefined;
  /** The first row whose indexed `field` holds `value`. */
  first(model: string, field: string, value: unknown): Row | undefined;
  newId(model: string): number;
  put(model: string, row: Row): void;
  remove(model: string, id: number): void;
  index(model: string, field: string): void;
  changes(model: string): number;
  /** All of `work` is kept, in memory and on disk, or nothing. A nested one is a savepoint. */
  transaction<T>(work: () => T): T;
  /** Rows every database starts with: in memory only, until somebody changes them. */
  seed(work: () => void): void;
  /** Takes up what the store remembers, over the seed. */
  restore(): void;
}

export function createTables(store: Store): Tables {
  const stored = store.collection<Stored>('rows');
  const tables = new Map<string, Table>();
  let journal: Change[] | undefined;
  let seeding = false;

  const table = (model: string): Table => {
    let found = tables.get(model);
    if (found === undefined) {
      found = { rows: new Map(), indexes: new Map(), lastId: 0, changes: 0 };
      tables.set(model, found);
    }
    return found;
  };

  const set = (model: string, id: number, row: Row | undefined) => {
    const { rows, indexes } = table(model);
    const before = rows.get(id);
    for (const [field, entries] of indexes) {
      if (before !== undefined && before[field] !== row?.[field]) entries.get(before[field])?.delete(id);
      if (row !== undefined && before?.[field] !== row[field]) enter(entries, row[field], id);
    }
    if (row === undefined) rows.delete(id);
    else rows.set(id, row);
    table(model).changes += 1;
    return before;
  };

  const change = (model: string, id: number, row: Row | undefined) => {
    if (seeding) return void set(model, id, row);
    if (journal === undefined) throw new Error('a change of rows needs a transaction');
    journal.push({ model, id, before: set(model, id, row) });
  };

  const rollBack = (entries: Change[], length: number) => {
    while (entries.length > length) {
      const entry = entries.pop()!;
      set(entry.model, entry.id, entry.before);
    }
  };

  const flush = (entries: Change[]) => {
    const touched = new Map(entries.map(({ model, id }) => [`${model}/${id}`, { model, id }]));
    for (const [key, { model, id }] of touched)
      stored.put(key, { model, id, row: table(model).rows.get(id) ?? null });
  };

  return {
    get: (model, id) => table(model).rows.get(id),
    all: (model) => table(model).rows.values(),
    count: (model) => table(model).rows.size,
    lookup(model, field, value) {
      const entries = table(model).indexes.get(field);
      return entries === undefined ? undefined : (entries.get(value) ?? NONE);
    },
    first(model, field, value) {
      const { rows, indexes } = table(model);
      const ids = indexes.get(field)?.get(value);
      const [id] = ids ?? NONE;
      return id === undefined ? undefined : rows.get(id);
    },
    newId(model) {
      const found = table(NUMBERED_TOGETHER.has(model) ? 'ir.actions.actions' : model);
      found.lastId += 1;
      return found.lastId;
    },
    put(model, row) {
      const found = table(model);
      if (row.id > found.lastId) found.lastId = row.id;
      change(model, row.id, row);
    },
    remove: (model, id) => change(model, id, undefined),
    index(model, field) {
      const { rows, indexes } = table(model);
      if (indexes.has(field)) return;
      const entries = new Map<unknown, Set<number>>();
      for (const row of rows.values()) enter(entries, row[field], row.id);
      indexes.set(field, entries);
    },
    changes: (model) => table(model).changes,
    transaction(work) {
      if (journal !== undefined) {
        const { length } = journal;
        try {
          return work();
        } catch (thrown) {
          rollBack(journal, length);
          throw thrown;
        }
      }
      const entries: Change[] = [];
      journal = entries;
      try {
        return store.atomically(() => {
          const result = work();
          flush(entries);
          return result;
        });
      } catch (thrown) {
        rollBack(entries, 0);
        throw thrown;
      } finally {
        journal = undefined;
      }
    },
    seed(work) {
      seeding = true;
      try {
        work();
      } finally {
        seeding = false;
      }
    },
    restore() {
      for (const { model, id, row } of stored.all()) {
        set(model, id, row ?? undefined);
        const found = table(model);
        if (id > found.lastId) found.lastId = id;
      }
    },
  };
}

/** Actions of every kind share one sequence. */
const NUMBERED_TOGETHER: ReadonlySet<string> = new Set(['ir.actions.act_window', 'ir.actions.server']);

const NONE: ReadonlySet<number> = new Set();

function enter(entries: Map<unknown, Set<number>>, value: unknown, id: number): void {
  const ids = entries.get(value);
  if (ids === undefined) entries.set(value, new Set([id]));
  else ids.add(id);
}
