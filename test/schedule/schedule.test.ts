import { expect, it, vi } from 'vitest';
import { claimTick } from '../../connector/jobs/tick.ts';
import { createSchedule } from '../../connector/schedule/schedule.ts';
import { now, silent, sleep, until } from '../jobs/support.ts';
import { describeOnEachDatabase } from '../support/database.ts';

describeOnEachDatabase('schedule', (open) => {
  it('gives a tick to one of many callers, later ticks again to one, and a past one to nobody', async () => {
    const db = await open();
    const slot = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
    const claims = (second: number) => Promise.all([1, 2, 3].map(() => claimTick(db, 'sweep', slot(second))));
    expect((await claims(1)).filter(Boolean)).toHaveLength(1);
    expect((await claims(2)).filter(Boolean)).toHaveLength(1);
    expect((await claims(1)).filter(Boolean)).toHaveLength(0);
    expect(await claimTick(db, 'other', slot(1))).toBe(true);
    await db.close();
  });

  it('runs every slot once over several instances, and outlives work that fails', async () => {
    const db = await open();
    const slots: string[] = [];
    const entries = [
      {
        name: 'each second',
        cron: '* * * * * *',
        run: async (slot: Date) => void slots.push(slot.toISOString()),
      },
      {
        name: 'fails',
        cron: '* * * * * *',
        run: async () => {
          throw new Error('on purpose');
        },
      },
    ];
    const instances = [1, 2, 3].map(() => createSchedule({ entries, db, log: silent, now }));
    for (const instance of instances) instance.start();
    await until('three slots', () => slots.length >= 3);
    for (const instance of instances) await instance.stop({ deadlineMs: 5_000 });
    expect(new Set(slots).size).toBe(slots.length);
    const seen = slots.length;
    await sleep(1_200);
    expect(slots.length).toBe(seen);
    await db.close();
  });

  it('leaves a tick out while the last one still works, and writes nothing past our log', async () => {
    const db = await open();
    const written = vi.spyOn(console, 'warn').mockImplementation(() => {});
    let running = 0;
    let most = 0;
    let ticks = 0;
    const entries = [
      {
        name: 'slow',
        cron: '* * * * * *',
        run: async () => {
          ticks += 1;
          running += 1;
          most = Math.max(most, running);
          await sleep(2_300);
          running -= 1;
        },
      },
    ];
    const schedule = createSchedule({ entries, db, log: silent, now });
    schedule.start();
    await until('a second tick', () => ticks >= 2);
    await schedule.stop({ deadlineMs: 10_000 });
    expect(most).toBe(1);
    expect(written).not.toHaveBeenCalled();
    written.mockRestore();
    await db.close();
  });

  it('runs an entry on request and refuses unknown names and bad expressions', async () => {
    const db = await open();
    let ran = 0;
    const entries = [{ name: 'sweep', cron: '0 3 * * *', run: async () => void ran++ }];
    const schedule = createSchedule({ entries, db, log: silent, now });
    await schedule.runNow('sweep');
    expect(ran).toBe(1);
    await expect(schedule.runNow('swep')).rejects.toMatchObject({ code: 'unknown_schedule' });
    expect(() =>
      createSchedule({ entries: [{ ...entries[0]!, cron: 'often' }], db, log: silent, now }),
    ).toThrow(expect.objectContaining({ code: 'bad_cron' }));
    await db.close();
  });

  it('stops in time although work under way does not end', async () => {
    const db = await open();
    let begun = false;
    const entries = [
      {
        name: 'hangs',
        cron: '* * * * * *',
        run: () => {
          begun = true;
          return new Promise<void>(() => {});
        },
      },
    ];
    const schedule = createSchedule({ entries, db, log: silent, now });
    schedule.start();
    await until('it has begun', () => begun);
    const before = Date.now();
    await schedule.stop({ deadlineMs: 200 });
    expect(Date.now() - before).toBeLessThan(2_000);
    await db.close();
  });
});
