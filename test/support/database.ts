/** Real databases for tests: PGlite in memory, and PostgreSQL; each one fresh and migrated. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, describe, inject } from 'vitest';
import type { Database } from '../../connector/db/database.ts';
import { shippedMigrations } from '../../connector/db/migrate.ts';
import { openPglite } from '../../connector/db/pglite.ts';
import { openPostgres } from '../../connector/db/postgres.ts';
import type { BrokerAnswer } from './global-setup.ts';

export interface TestDatabase extends Database {
  /** PostgreSQL only: where a second connection pool or another process reaches the same database. */
  readonly url: string | undefined;
}

/** PGlite in memory, migrated. Close it yourself. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const db = await openPglite({ template: await migratedTemplate() });
  return { ...db, url: undefined };
}

let broker: Promise<BrokerAnswer> | undefined;

async function askBroker(): Promise<BrokerAnswer> {
  const answer = await fetch(inject('postgresBroker'));
  if (!answer.ok) throw new Error(`No PostgreSQL for tests: ${await answer.text()}`);
  return (await answer.json()) as BrokerAnswer;
}

/** A fresh, migrated database on the real PostgreSQL; dropped by `close()`. */
export async function openTestPostgres(): Promise<TestDatabase> {
  broker ??= askBroker();
  const { url, template } = await broker;
  const name = `test_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
  await asAdmin(url, `create database ${name} template ${template}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const db = await openPostgres({ url: own.href });
  return {
    ...db,
    url: own.href,
    async close() {
      await db.close();
      await asAdmin(url, `drop database if exists ${name} with (force)`);
    },
  };
}

/**
 * Runs a describe block once per database. `open()` gives a fresh database at each call; all are closed after the
 * block, and closing one earlier yourself is harmless.
 */
export function describeOnEachDatabase(
  name: string,
  body: (open: () => Promise<TestDatabase>, kind: Database['kind']) => void,
): void {
  for (const kind of ['pglite', 'postgres'] as const) {
    describe(`${name} (${kind})`, () => {
      const opened = new Set<TestDatabase>();
      afterAll(async () => {
        for (const db of opened) await db.close();
      });
      body(async () => {
        const db = kind === 'pglite' ? await openTestDatabase() : await openTestPostgres();
        const tracked: TestDatabase = {
          ...db,
          close: async () => {
            if (opened.delete(tracked)) await db.close();
          },
        };
        opened.add(tracked);
        return tracked;
      }, kind);
    });
  }
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const admin = await openPostgres({ url, maxConnections: 1 });
  try {
    await admin.query(statement);
  } finally {
    await admin.close();
  }
}

let template: Promise<Blob> | undefined;

/** Migrating costs two seconds, loading a dumped data directory a fifth of it: dumped once per set of migrations. */
function migratedTemplate(): Promise<Blob> {
  template ??= loadOrDump();
  return template;
}

async function loadOrDump(): Promise<Blob> {
  const migrations = shippedMigrations();
  const version = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8').match(
    /"node_modules\/@electric-sql\/pglite": \{\s*"version": "([^"]+)"/,
  )?.[1];
  const hash = createHash('sha256')
    .update(JSON.stringify([version, process.getuid?.(), migrations]))
    .digest('hex')
    .slice(0, 16);
  const file = join(tmpdir(), `connector-test-database-${hash}.tar`);
  if (existsSync(file)) return new Blob([readFileSync(file)]);
  const lite = await PGlite.create();
  await lite.exec(
    'create table migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())',
  );
  for (const migration of migrations) {
    await lite.exec(migration.sql);
    await lite.query('insert into migrations (name, checksum) values ($1, $2)', [
      migration.name,
      createHash('sha256').update(migration.sql).digest('hex'),
    ]);
  }
  const dump = await lite.dumpDataDir('none');
  await lite.close();
  // Written aside and renamed: several workers may make it at once, and none may read half a file.
  const aside = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(aside, Buffer.from(await dump.arrayBuffer()));
  renameSync(aside, file);
  return dump;
}
