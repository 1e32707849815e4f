/** The sandbox's memory: collections of JSON values, held in memory and, given a folder, written through to one SQLite file. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Values are JSON. What `get` and `all` return is the stored value itself (copying each would cost more than the
 * work done with it): treat it as read-only and `put` a changed copy, else the change is lost at a restart.
 */
export interface Collection<T> {
  get(id: string): T | undefined;
  /** Durable against kill -9 when it returns. Keeps the place of an id already there. */
  put(id: string, value: T): void;
  delete(id: string): void;
  /** In the order of first insertion. */
  all(): T[];
  /** In the same order. */
  ids(): string[];
  count(): number;
}

export interface Store {
  /** The same name gives the same collection. */
  collection<T>(name: string): Collection<T>;
  /** All puts and deletes of `work` (synchronous) reach the disk together or not at all; a nested one joins the outer. */
  atomically<T>(work: () => T): T;
}

export interface WorldStore {
  /** The part that belongs to one system. */
  of(system: string): Store;
  /** Everything a system holds, by collection: for a person's eyes and for tests in other processes. */
  dump(system: string): Record<string, unknown[]>;
  close(): void;
}

interface Disk {
  load(scope: string): [string, unknown][];
  put(scope: string, id: string, value: unknown): void;
  delete(scope: string, id: string): void;
  atomically<T>(work: () => T): T;
  close(): void;
}

/**
 * Opens the store; without a folder nothing is kept.
 * @throws Error when another process has the folder open (SQLite's exclusive lock, released when that process dies).
 */
export function openStore(options: { folder?: string | undefined } = {}): WorldStore {
  const disk = options.folder === undefined ? noDisk() : sqliteDisk(options.folder);
  const scopes = new Map<string, Map<string, unknown>>();

  const entriesOf = (scope: string) => {
    const known = scopes.get(scope);
    if (known !== undefined) return known;
    const entries = new Map(disk.load(scope));
    scopes.set(scope, entries);
    return entries;
  };

  // What a failed `atomically` takes back in memory; the disk rolls back by itself.
  let undo: (() => void)[] | undefined;

  const atomically = <T>(work: () => T): T => {
    if (undo !== undefined) return work();
    const taken: (() => void)[] = [];
    undo = taken;
    try {
      return disk.atomically(work);
    } catch (thrown) {
      for (const back of taken.reverse()) back();
      throw thrown;
    } finally {
      undo = undefined;
    }
  };

  const of = (system: string): Store => ({
    collection<T>(name: string): Collection<T> {
      const scope = `${system}/${name}`;
      const entries = entriesOf(scope) as Map<string, T>;
      const remember = (id: string) => {
        const before = entries.get(id);
        undo?.push(() => void (before === undefined ? entries.delete(id) : entries.set(id, before)));
      };
      return {
        get: (id) => entries.get(id),
        put(id, value) {
          disk.put(scope, id, value);
          remember(id);
          entries.set(id, value);
        },
        delete(id) {
          disk.delete(scope, id);
          remember(id);
          entries.delete(id);
        },
        all: () => [...entries.values()],
        ids: () => [...entries.keys()],
        count: () => entries.size,
      };
    },
    atomically,
  });

  return {
    of,
    dump: (system) =>
      Object.fromEntries(
        [...scopes]
          .filter(([scope]) => scope.startsWith(`${system}/`))
          .map(([scope, entries]) => [scope.slice(system.length + 1), [...entries.values()]]),
      ),
    close: disk.close,
  };
}

function noDisk(): Disk {
  return { load: () => [], put() {}, delete() {}, atomically: (work) => work(), close() {} };
}

/** WAL with synchronous=OFF: a commit is in the page cache, which outlives the process though not the machine. */
function sqliteDisk(folder: string): Disk {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'sandbox.sqlite'));
  try {
    database.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = off');
    database.exec(
      'create table if not exists entries (seq integer primary key, scope text not null, id text not null, value text not null, unique (scope, id))',
    );
  } catch (cause) {
    database.close();
    throw new Error(`the sandbox folder ${folder} is in use by another process: stop it or choose another`, {
      cause,
    });
  }
  const select = database.prepare('select id, value from entries where scope = ? order by seq');
  const upsert = database.prepare(
    'insert into entries (scope, id, value) values (?, ?, ?) on conflict (scope, id) do update set value = excluded.value',
  );
  const remove = database.prepare('delete from entries where scope = ? and id = ?');
  return {
    load: (scope) => select.all(scope).map((row) => [String(row.id), JSON.parse(String(row.value))]),
    put: (scope, id, value) => void upsert.run(scope, id, JSON.stringify(value)),
    delete: (scope, id) => void remove.run(scope, id),
    atomically(work) {
      database.exec('begin');
      try {
        const result = work();
        database.exec('commit');
        return result;
      } catch (thrown) {
        database.exec('rollback');
        throw thrown;
      }
    },
    close: () => database.close(),
  };
}
