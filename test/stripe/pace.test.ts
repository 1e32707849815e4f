import { expect, it } from 'vitest';
import { createPace } from '../../connector/stripe/pace.ts';

it('never lets more through in a second than it may, and a few at once after a pause', async () => {
  let time = 0;
  const pace = createPace(80, { now: () => time, wait: async () => {} });
  const turns: number[] = [];
  const delays: number[] = [];
  const clock = { now: () => time, wait: async (ms: number) => void delays.push(ms) };
  const noted = createPace(80, clock);
  for (let i = 0; i < 200; i += 1) {
    delays.length = 0;
    await noted();
    turns.push(time + (delays[0] ?? 0));
  }
  expect(turns.filter((at) => at === 0)).toHaveLength(4);
  const busiest = Math.max(
    ...turns.map((from) => turns.filter((at) => at >= from && at < from + 1000).length),
  );
  expect(busiest).toBeLessThanOrEqual(84);
  // 200 reads at 80 a second: the last begins after some two and a half seconds.
  expect(turns.at(-1)).toBeCloseTo((196 * 1000) / 80, 0);
  time = 60_000;
  await pace();
  delays.length = 0;
  for (let i = 0; i < 4; i += 1) await noted();
  expect(delays).toEqual([]);
});
