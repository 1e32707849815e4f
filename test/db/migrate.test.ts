import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { databaseTrouble } from '../../connector/db/errors.ts';
import { migrate, shippedMigrations } from '../../connector/db/migrate.ts';
import { openDatabase } from '../../connector/db/open.ts';
import { openPglite } from '../../connector/db/pglite.ts';
import { openPostgres } from '../../connector/db/postgres.ts';
import { ConnectorError } from '../../connector/errors.ts';
import { describeOnEachDatabase, openTestDatabase, openTestPostgres } from '../support/database.ts';

const extra = { name: '900_extra.sql', sql: 'create table extra (a int); insert into extra values (1)' };

describeOnEachDatabase('migrations', (open) => {
  it('applies each file once, in order, also when several instances start at once', async () => {
    const db = await open();
    const migrations = [...shippedMigrations(), extra];
    const applied = await Promise.all([1, 2, 3].map(() => migrate(db, migrations)));
    expect(applied.flat()).toEqual([extra.name]);
    expect((await db.query('select a from extra')).rows).toEqual([{ a: 1 }]);
    await db.close();
  });

  it('refuses a file edited after it was applied, a database of a newer version, and half a migration', async () => {
    const db = await open();
    const shipped = shippedMigrations();
    const edited = shipped.map((each, i) => (i === 0 ? { ...each, sql: `${each.sql} ` } : each));
    await expect(migrate(db, edited)).rejects.toMatchObject({ code: 'migration_changed' });
    const broken = { name: '900_broken.sql', sql: 'create table half (a int); select * from nowhere' };
    await expect(migrate(db, [...shipped, broken])).rejects.toMatchObject({ code: '42P01' });
    await expect(db.query('select * from half')).rejects.toMatchObject({ code: '42P01' });
    await migrate(db, [...shipped, extra]);
    await expect(migrate(db, shipped)).rejects.toMatchObject({ code: 'database_is_newer' });
    await db.close();
  });
});

it('opens the embedded database in its folder and finds its data again', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'connector-db-'));
  const db = await openDatabase({ dataDir });
  await db.query(`insert into cursors (name, value) values ('a', 'b')`);
  await expect(openDatabase({ dataDir })).rejects.toMatchObject({ code: 'database_folder_in_use' });
  await db.close();
  const again = await openDatabase({ dataDir });
  expect((await again.query('select value from cursors')).rows).toEqual([{ value: 'b' }]);
  await again.close();
  rmSync(dataDir, { recursive: true });
});

it('opens PostgreSQL, migrates it, and closes it again when that is refused', async () => {
  const fresh = await openTestPostgres();
  const db = await openDatabase({ url: fresh.url! });
  await db.query(`insert into migrations (name, checksum) values ('999_future.sql', 'x')`);
  await db.close();
  await expect(openDatabase({ url: fresh.url! })).rejects.toMatchObject({ code: 'database_is_newer' });
  await fresh.close();
});

it('refuses a server that is not there', async () => {
  const error = await openPostgres({ url: 'postgres://nobody@127.0.0.1:1/none' }).catch((thrown) => thrown);
  expect(databaseTrouble(error)).toMatchObject({ code: 'database_unreachable', unreachable: true });
});

it('says that the database is away when no connection becomes free', async () => {
  const admin = await openTestPostgres();
  const db = await openPostgres({ url: admin.url!, maxConnections: 1, connectionTimeoutMs: 100 });
  await db.tx(async () => {
    await expect(db.query('select 1')).rejects.toMatchObject({
      code: 'database_unreachable',
      kind: 'retryable',
    });
  });
  await db.close();
  await admin.close();
});

it('tells the passing troubles of a database from everything else', () => {
  const state = (code: string) => databaseTrouble(Object.assign(new Error('x'), { code }));
  expect(state('40001')).toMatchObject({ kind: 'retryable', code: 'database_busy', unreachable: false });
  expect(state('57014')).toMatchObject({ code: 'database_busy' });
  expect(state('57P01')).toMatchObject({ code: 'database_unreachable' });
  expect(state('08006')).toMatchObject({ code: 'database_unreachable' });
  expect(state('23505')).toBeUndefined();
  expect(databaseTrouble(null)).toBeUndefined();
  const own = state('40001');
  expect(databaseTrouble(own)).toBe(own);
  expect(databaseTrouble(new ConnectorError({ kind: 'bug', code: 'x', message: 'x' }))).toBeUndefined();
});

it('throws instead of waiting for ever when PGlite is asked from within its own transaction', async () => {
  const db = await openTestDatabase();
  const inside = { code: 'query_outside_transaction', kind: 'bug' };
  await db.tx(async (tx) => {
    await expect(db.query('select 1')).rejects.toMatchObject(inside);
    await expect(db.tx(async () => 1)).rejects.toMatchObject(inside);
    await tx.query('select 1');
  });
  expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await db.close();
});

it('leaves no aborted transaction behind a script that failed', async () => {
  const db = await openPglite();
  await expect(db.query('begin; select * from nowhere; commit')).rejects.toMatchObject({ code: '42P01' });
  expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await db.close();
});

it('replaces connections the server ended, idle or in a transaction', async () => {
  const admin = await openTestPostgres();
  const heard: string[] = [];
  const db = await openPostgres({
    url: admin.url!,
    maxConnections: 2,
    onIdleError: (error) => heard.push(error.name),
  });
  const end = () =>
    admin.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
  await expect(
    db.tx(async (tx) => {
      await end();
      await tx.query('select 1');
    }),
  ).rejects.toSatisfy((error) => databaseTrouble(error)?.unreachable === true);
  expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await end();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(heard.length).toBeGreaterThan(0);
  for (let i = 0; i < 12; i++) expect((await db.query('select $1::int as n', [i])).rows).toEqual([{ n: i }]);
  await db.close();
  await admin.close();
});
