import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { oneAtATime } from '../../connector/jobs/one-at-a-time.ts';
import { createLog } from '../../connector/log.ts';

it('never overlaps itself, and gives whoever asks meanwhile one more turn', async () => {
  let running = 0;
  let turns = 0;
  const work = oneAtATime(
    async () => {
      running += 1;
      expect(running).toBe(1);
      await sleep(20);
      running -= 1;
      turns += 1;
    },
    createLog({ level: 'silent' }),
  );
  const first = work.andWait();
  await sleep(5);
  work();
  work();
  await work.andWait();
  await first;
  expect(turns).toBe(2);
});

it('a failure is told to who waits, logged for who does not, and stops nothing', async () => {
  const lines: string[] = [];
  const log = createLog({ destination: { write: (line: string) => void lines.push(line) } });
  let fail = true;
  let done = 0;
  const work = oneAtATime(async () => {
    if (fail) throw new Error('on purpose');
    done += 1;
  }, log);
  await expect(work.andWait()).rejects.toThrow('on purpose');
  work();
  await sleep(10);
  expect(lines.join('')).toContain('on purpose');
  fail = false;
  await work.andWait();
  expect(done).toBe(1);
});
