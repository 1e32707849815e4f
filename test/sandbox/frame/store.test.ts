import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openStore } from '../../../scripts/sandbox/store.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-store-'));
  folders.push(folder);
  return folder;
}

test.each(['memory', 'folder'])('a collection in %s keeps the order of first insertion', (where) => {
  const store = openStore(where === 'folder' ? { folder: newFolder() } : {});
  const things = store.of('b2').collection<{ n: number }>('things');
  things.put('b', { n: 1 });
  things.put('a', { n: 2 });
  things.put('b', { n: 3 });
  things.put('c', { n: 4 });
  things.delete('c');
  expect([things.ids(), things.all(), things.count()]).toEqual([['b', 'a'], [{ n: 3 }, { n: 2 }], 2]);
  expect(store.of('b2').collection('things').get('a')).toEqual({ n: 2 });
  expect(store.of('odoo').collection('things').get('a')).toBeUndefined();
  expect(store.dump('b2')).toEqual({ things: [{ n: 3 }, { n: 2 }] });
  store.close();
});

test('a store opened on the same folder goes on, in the same order', () => {
  const folder = newFolder();
  const first = openStore({ folder });
  for (const id of ['z', 'y', 'x']) first.of('odoo').collection('partners').put(id, { id });
  first.of('odoo').collection('partners').delete('y');
  first.of('odoo').collection('partners').put('z', { id: 'z', name: 'changed' });
  first.close();
  const second = openStore({ folder });
  expect(second.of('odoo').collection('partners').all()).toEqual([{ id: 'z', name: 'changed' }, { id: 'x' }]);
  second.close();
});

test.each(['memory', 'folder'])('what fails inside atomically in %s has not happened', (where) => {
  const folder = where === 'folder' ? newFolder() : undefined;
  const store = openStore({ folder });
  const things = store.of('b2').collection<number>('things');
  things.put('kept', 1);
  things.put('deleted', 2);
  const work = () =>
    store.of('b2').atomically(() => {
      things.put('kept', 10);
      things.put('new', 11);
      store.of('b2').atomically(() => things.delete('deleted'));
      throw new Error('half way');
    });
  expect(work).toThrow('half way');
  const expected = [things.get('kept'), things.get('new'), things.get('deleted')];
  expect(expected).toEqual([1, undefined, 2]);
  store.close();
  if (folder === undefined) return;
  const again = openStore({ folder });
  expect(again.of('b2').collection('things').ids()).toEqual(['kept', 'deleted']);
  again.close();
});

test('two processes cannot have one folder; the message says so', () => {
  const folder = newFolder();
  const store = openStore({ folder });
  store.of('b2').collection('things').put('a', 1);
  expect(() => openStore({ folder })).toThrow(/in use by another process/);
  store.close();
  openStore({ folder }).close();
});

test('what was put survives kill -9', async () => {
  const folder = newFolder();
  const script = `
    const { openStore } = await import(${JSON.stringify(new URL('../../../scripts/sandbox/store.ts', import.meta.url).href)});
    const things = openStore({ folder: ${JSON.stringify(folder)} }).of('b2').collection('things');
    for (let n = 0; ; n += 1) { things.put('n', n); if (n === 500) process.stdout.write('now'); }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const store = openStore({ folder });
  expect(store.of('b2').collection<number>('things').get('n')).toBeGreaterThanOrEqual(500);
  store.close();
});
