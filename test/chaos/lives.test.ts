/** Whole lives, two months each: whatever customers do and however we hear of it, in the end all is as Stripe says. */
import { expect, it } from 'vitest';
import { openTestPostgres } from '../support/database.ts';
import { live } from './lives/live.ts';

// Any of them can be lived alone: npm run bench -- lives --lives=1 --seed=17
const SEEDS = Array.from({ length: 50 }, (_, at) => at + 1);

const TOLD = [
  ...['received', 'welcome', 'access', 'failed', 'warning', 'suspended', 'recovered'],
  ...['restored', 'readOnly', 'ends'],
];

it('fifty lives end as Stripe says, with one mail for each fact', { timeout: 480_000 }, async () => {
  const db = await openTestPostgres();
  try {
    const { failures, done, told, kills, dropped, doubled } = await live({
      seeds: SEEDS,
      databaseUrl: db.url!,
      db,
    });
    expect(failures).toEqual([]);
    // Something of everything happened.
    expect(Object.keys(done).sort()).toEqual([
      'cancel_at_period_end',
      'cancel_now',
      'card_fails',
      'change',
      'come_back',
      'pause',
      'pay',
      'reactivate',
      'resume',
      'second',
      'subscribe',
    ]);
    expect(Object.keys(told)).toEqual(expect.arrayContaining(TOLD));
    expect(kills).toBe(4);
    expect(Math.min(dropped, doubled)).toBeGreaterThan(50);
  } finally {
    await db.close();
  }
});
