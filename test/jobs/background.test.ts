import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { createHints } from '../../connector/jobs/hints.ts';
import { backOffMs } from '../../connector/jobs/queue-worker.ts';
import { createReporter } from '../../connector/jobs/reporter.ts';
import { createLog } from '../../connector/log.ts';
import { sleep } from './support.ts';

it('gathers hints into groups, each key once, also those that come during a flush', async () => {
  const flushed: string[][] = [];
  const hints = createHints(async (hinted) => {
    flushed.push(hinted.map(({ key, urgent }) => (urgent ? `${key}!` : key)));
    if (flushed.length === 1) hints.add('c', false);
    await sleep(5);
  });
  hints.add('a', false);
  hints.add('b', true);
  hints.add('a', true); // somebody waits for it now
  hints.add('b', false);
  await hints.settled();
  hints.add('d', false);
  await hints.settled();
  expect(flushed).toEqual([['a!', 'b!'], ['c'], ['d']]);
});

it('backs off from half a second, doubling to a minute, never in step', () => {
  expect([0, 1, 2, 7, 50, 90_000].map((count) => backOffMs(count, () => 1))).toEqual([
    500, 1_000, 2_000, 60_000, 60_000, 60_000,
  ]);
  expect(backOffMs(3, () => 0)).toBe(2_000);
});

it('logs failing background work when it begins, each half minute, and when it works again', async () => {
  const lines: { msg: string; what: string }[] = [];
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  let time = 0;
  const report = createReporter(createLog({ destination }), () => new Date(time));
  const fail = () => report('scan', () => Promise.reject(new Error('away')));
  await fail();
  await fail();
  time = 31_000;
  await fail();
  await report('fetch', async () => undefined);
  await report('scan', async () => undefined);
  expect(lines.map((line) => [line.msg, line.what])).toEqual([
    ['background work failed; it is tried again', 'scan'],
    ['background work failed; it is tried again', 'scan'],
    ['works again', 'scan'],
  ]);
});
