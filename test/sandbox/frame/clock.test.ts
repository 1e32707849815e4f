import { expect, test } from 'vitest';
import { createClock } from '../../../scripts/sandbox/clock.ts';
import { openStore } from '../../../scripts/sandbox/store.ts';

const DAY_MS = 86_400_000;

test('it moves by what it is told and remembers that', async () => {
  const store = openStore().of('world');
  const clock = createClock({ store });
  const before = clock.now().getTime();
  await clock.advance(30 * DAY_MS);
  expect(clock.now().getTime() - before).toBeGreaterThanOrEqual(30 * DAY_MS);
  expect(createClock({ store }).now().getTime()).toBeGreaterThanOrEqual(before + 30 * DAY_MS);
});

test('systems catch up one after the other, one advance at a time', async () => {
  const clock = createClock({ store: openStore().of('world') });
  const seen: string[] = [];
  clock.onAdvance(async () => {
    seen.push('first begins');
    await new Promise((resolve) => setTimeout(resolve, 10));
    seen.push('first ends');
  });
  clock.onAdvance(async () => void seen.push('second'));
  await Promise.all([clock.advance(1), clock.advance(1)]);
  expect(seen).toEqual(['first begins', 'first ends', 'second', 'first begins', 'first ends', 'second']);
});

test('a system that fails is reported, and the clock can still be moved', async () => {
  const clock = createClock({ store: openStore().of('world') });
  let broken = true;
  clock.onAdvance(async () => {
    if (broken) throw new Error('cannot bill');
  });
  await expect(clock.advance(1)).rejects.toThrow('cannot bill');
  broken = false;
  await clock.advance(1);
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('it does not move by %s', (ms) => {
  const clock = createClock({ store: openStore().of('world') });
  expect(() => clock.advance(ms)).toThrow(RangeError);
});
