/** Brings a database to this version: numbered SQL files, each applied once, in order, together with its row. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { ConnectorError } from '../errors.ts';
import type { Database, Tx } from './database.ts';

// Any constant will do: it is this program's name for "I am migrating" among PostgreSQL's advisory locks.
const MIGRATION_LOCK = 7_305_021_406;

export interface Migration {
  /** `001_foundation.sql`; the number orders. */
  readonly name: string;
  readonly sql: string;
}

/** The migrations this version ships with, oldest first. */
export function shippedMigrations(folder = new URL('./migrations/', import.meta.url)): readonly Migration[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ name, sql: readFileSync(new URL(name, folder), 'utf8') }));
}

/**
 * Applies what is missing, in one transaction. Several instances may start at once: on PostgreSQL an advisory lock
 * lets one work and the others wait; on PGlite the folder's lock has already made us the only process.
 * @returns the names applied now.
 * @throws ConnectorError `migration_changed` when an applied file has been edited, `database_is_newer` when the
 * database knows a migration this version does not.
 */
export async function migrate(db: Database, migrations = shippedMigrations()): Promise<readonly string[]> {
  return db.tx(async (tx) => {
    if (db.kind === 'postgres') await tx.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await tx.query(
      'create table if not exists migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())',
    );
    const { rows } = await tx.query<{ name: string; checksum: string }>(
      'select name, checksum from migrations',
    );
    const applied = new Map(rows.map((row) => [row.name, row.checksum]));
    const fresh: string[] = [];
    for (const migration of migrations) {
      const known = applied.get(migration.name);
      applied.delete(migration.name);
      if (known === undefined) {
        await apply(tx, migration);
        fresh.push(migration.name);
      } else if (known !== checksumOf(migration)) throw changed(migration.name);
    }
    const [unknown] = applied.keys();
    if (unknown !== undefined) throw newer(unknown);
    return fresh;
  });
}

async function apply(tx: Tx, migration: Migration): Promise<void> {
  await tx.query(migration.sql);
  await tx.query('insert into migrations (name, checksum) values ($1, $2)', [
    migration.name,
    checksumOf(migration),
  ]);
}

const checksumOf = (migration: Migration) => createHash('sha256').update(migration.sql).digest('hex');

const changed = (name: string) =>
  new ConnectorError({
    kind: 'permanent',
    code: 'migration_changed',
    message: `The migration ${name} was edited after it had been applied to this database.`,
    advice: 'Restore the file as it was and put the change into a new migration.',
    system: 'database',
  });

const newer = (name: string) =>
  new ConnectorError({
    kind: 'permanent',
    code: 'database_is_newer',
    message: `This database has the migration ${name}, which this version does not know.`,
    advice: 'Start the newer version again, or restore a backup from before the upgrade.',
    system: 'database',
  });
