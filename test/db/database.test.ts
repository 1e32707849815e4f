import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockFolder } from '../../connector/db/folder-lock.ts';
import { openPglite } from '../../connector/db/pglite.ts';
import { openPostgres } from '../../connector/db/postgres.ts';
import { describeOnEachDatabase, openTestPostgres } from '../support/database.ts';

describeOnEachDatabase('the database port', (open, kind) => {
  it('answers with the same JavaScript types on both databases', async () => {
    const db = await open();
    const { rows } = await db.query(
      `select $1::int8 as big, 'epoch'::timestamptz as at, $2::jsonb as json, $3::bytea as bytes, $4::text[] as list, count(*) as n from cursors`,
      [9_007_199_254_740_991, JSON.stringify({ a: [1] }), new Uint8Array([0, 255]), ['a', "b'"]],
    );
    const row = rows[0] as Record<string, unknown>;
    expect(row.big).toBe(9_007_199_254_740_991);
    expect(row.at).toEqual(new Date(0));
    expect(row.json).toEqual({ a: [1] });
    expect(row.bytes).toBeInstanceOf(Uint8Array);
    expect([...(row.bytes as Uint8Array)]).toEqual([0, 255]);
    expect(row.list).toEqual(['a', "b'"]);
    expect(row.n).toBe(0);
    expect(db.kind).toBe(kind);
  });

  it('counts affected rows with and without returning, and runs several statements without parameters', async () => {
    const db = await open();
    const insert = `insert into cursors (name, value) values ($1, 'x') on conflict do nothing`;
    expect((await db.query(insert, ['a'])).rowCount).toBe(1);
    expect((await db.query(insert, ['a'])).rowCount).toBe(0);
    expect((await db.query(`${insert} returning name`, ['b'])).rowCount).toBe(1);
    expect((await db.query(`delete from cursors where name = 'a'; select 1 as one`)).rows).toEqual([
      { one: 1 },
    ]);
    expect((await db.query('select name from cursors')).rows).toEqual([{ name: 'b' }]);
  });

  it('commits when the work resolves and leaves nothing behind when it throws', async () => {
    const db = await open();
    const answer = await db.tx(async (tx) => {
      await tx.query(`insert into cursors (name, value) values ('kept', 'x')`);
      return 42;
    });
    expect(answer).toBe(42);
    await expect(
      db.tx(async (tx) => {
        await tx.query(`insert into cursors (name, value) values ('lost', 'x')`);
        throw new Error('on purpose');
      }),
    ).rejects.toThrow('on purpose');
    await expect(db.tx((tx) => tx.query('select * from no_such_table'))).rejects.toMatchObject({
      code: '42P01',
    });
    expect((await db.query('select name from cursors')).rows).toEqual([{ name: 'kept' }]);
  });

  it('answers a text without a statement with nothing', async () => {
    const db = await open();
    expect(await db.query('-- only a remark')).toEqual({ rows: [], rowCount: 0 });
  });

  it('is closed twice without harm', async () => {
    const db = await open();
    await db.close();
    await db.close();
  });
});

describe('the embedded database’s folder', () => {
  const fresh = () => join(mkdtempSync(join(tmpdir(), 'folder-')), 'data');

  it('is one process’s, and free again after closing, however often it is closed', async () => {
    const folder = fresh();
    const db = await openPglite({ folder });
    expect(readFileSync(`${folder}.owner`, 'utf8')).toContain(`process ${process.pid}`);
    expect(() => lockFolder(folder)).toThrow(
      expect.objectContaining({
        code: 'database_folder_in_use',
        message: expect.stringContaining(`process ${process.pid}`),
      }),
    );
    await db.close();
    await db.close();
    const lock = lockFolder(folder);
    lock.release();
    lock.release();
    lockFolder(folder).release();
  });

  it('whose lock is no lock is not told as in use', () => {
    const folder = fresh();
    writeFileSync(`${folder}.lock`, 'something else was written here. '.repeat(100));
    const locking = () => lockFolder(folder);
    expect(locking).toThrow(/not a database/);
    expect(locking).not.toThrow(expect.objectContaining({ code: 'database_folder_in_use' }));
    expect(existsSync(`${folder}.owner`)).toBe(false);
  });
});

describe('prepared statements', () => {
  it('are kept of what is met often, and of no more than two hundred texts', async () => {
    const owner = await openTestPostgres();
    const db = await openPostgres({ url: owner.url!, maxConnections: 1 });
    const ask = async (text: string, times: number) => {
      for (let asked = 0; asked < times; asked += 1) await db.query(`select $1::int as ${text}`, [asked]);
    };
    const prepared = async () => {
      const { rows } = await db.query<{ statement: string }>('select statement from pg_prepared_statements');
      return rows.map((row) => row.statement);
    };
    await ask('rare', 4);
    // So many others were met since that nobody counts the first four any more.
    await Promise.all(Array.from({ length: 2_001 }, (_, each) => ask(`once_${each}`, 1)));
    await ask('rare', 1);
    expect(await prepared()).toEqual([]);
    await Promise.all(Array.from({ length: 210 }, (_, each) => ask(`often_${each}`, 5)));
    expect(await prepared()).toHaveLength(200);
    await ask('often_209', 6);
    expect(await prepared()).toHaveLength(200);
    await db.close();
    await owner.close();
  });
});
