import { expect, it } from 'vitest';
import { describeOnEachDatabase } from '../support/database.ts';

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

  it('is closed twice without harm', async () => {
    const db = await open();
    await db.close();
    await db.close();
  });
});
