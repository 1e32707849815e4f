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

it('after a stall of the process those who waited go one after another, not all at once', async () => {
  let time = 0;
  let stalled = 0;
  const clock = {
    now: () => time,
    // The first timer fires two seconds late.
    wait: async (ms: number) => {
      time += ms + (stalled === 0 ? 2_000 : 0);
      stalled += 1;
    },
  };
  const pace = createPace(100, clock);
  const went: number[] = [];
  await Promise.all(Array.from({ length: 150 }, () => pace().then(() => void went.push(time))));
  const busiest = Math.max(...went.map((from) => went.filter((at) => at >= from && at < from + 1000).length));
  expect(went).toHaveLength(150);
  // The rate of a second, and the few that may always go at once.
  expect(busiest).toBeLessThanOrEqual(110);
});
