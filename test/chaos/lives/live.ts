/**
 * Many lives at once in one world whose clock is moved through two months. Events come twice, shuffled, or not until
 * the backfill; the connector is killed while people act and while events come in, and another goes on.
 */
import type { Database } from '../../../connector/db/database.ts';
import { readJudge } from './judge.ts';
import { type Kind, lifeOf, ROUND_MS, ROUNDS, told } from './life.ts';
import { toldByMail } from './mails-wrong.ts';
import { createPeople } from './people.ts';
import { createRandom } from './random.ts';
import { openScene } from './scene.ts';
import { settled } from './settled.ts';

export interface LivesResult {
  readonly lives: number;
  /** Of Stripe's, all types. */
  readonly events: number;
  readonly doubled: number;
  readonly dropped: number;
  readonly kills: number;
  /** Raw deliveries of mail. */
  readonly mails: number;
  /** By kind, second copies left out. */
  readonly told: Awaited<ReturnType<typeof toldByMail>>;
  readonly done: Readonly<Partial<Record<Kind, number>>>;
  /** By code, as the connector refused what was not possible. */
  readonly refused: Readonly<Record<string, number>>;
  /** Of each life that is not as it should be, halfway or at its end: what is wrong. */
  readonly failures: readonly { readonly life: string; readonly wrong: readonly string[] }[];
}

/** In these the connector dies while people act, and while events come in. */
const KILLED_ACTING = [4, 12];
const KILLED_TOLD = [0, 8];
const DROPPED = 0.2;
const DOUBLED = 0.2;
const BACKFILL_EVERY = 4;
/** After this one all is looked at too, on day 44: what failed on day 30 is suspended, and given up on day 45. */
const LOOKED_AT = 11;
const KEPT_DAYS = 29;
const LEASE_MS = 180_000;

/** @param input.databaseUrl fresh and migrated @param input.db the same, to look at */
export async function live(input: {
  seeds: readonly number[];
  databaseUrl: string;
  db: Database;
}): Promise<LivesResult> {
  const { seeds, db } = input;
  const lives = seeds.map(lifeOf);
  const random = createRandom(seeds[0] ?? 0);
  const scene = await openScene(input.databaseUrl);
  const { world, kills } = scene;
  const { stripe, mail } = world.systems;
  const people = createPeople({ scene, db, lives });
  const wrong = new Map<number, string[]>();
  const counts = { doubled: 0, dropped: 0 };

  async function tell(): Promise<void> {
    const held = stripe.heldDeliveries();
    const drop = held.filter(() => random.chance(DROPPED)).map(({ id }) => id);
    const duplicate = held
      .filter(({ id }) => !drop.includes(id) && random.chance(DOUBLED))
      .map(({ id }) => id);
    counts.dropped += drop.length;
    counts.doubled += duplicate.length;
    await stripe.releaseDeliveries({ order: random.shuffled([...held.keys()]), drop, duplicate });
    stripe.holdDeliveries();
  }

  async function backfill(days: number): Promise<void> {
    await scene.ready();
    const since = new Date(world.clock.now().getTime() - days * 86_400_000).toISOString();
    await scene.admin.request('POST', '/backfill', { since }, { timeoutMs: 120_000 });
  }

  async function look(when: string): Promise<void> {
    await backfill(KEPT_DAYS);
    // What a killed connector was writing to the ERP is left alone until its call can no longer arrive.
    await scene.advance(LEASE_MS);
    await settled(world, db, { all: true });
    const judge = await readJudge({ world, db, kills });
    for (const customer of people.customers) {
      const news = (await judge(customer)).map((each) => `${when}: ${each}`);
      if (news.length > 0) wrong.set(customer.seed, [...(wrong.get(customer.seed) ?? []), ...news]);
    }
  }

  async function round(number: number): Promise<void> {
    const dies = KILLED_ACTING.includes(number) ? scene.kill(random.whole(400)) : undefined;
    await people.act(number);
    await dies;
    await Promise.all([tell(), KILLED_TOLD.includes(number) ? scene.kill(random.whole(1_500)) : undefined]);
    if (number % BACKFILL_EVERY === BACKFILL_EVERY - 1) await backfill(20);
    if (number === LOOKED_AT) await look('halfway');
    // Every third time life goes on before everything is worked off.
    else if (number % 3 !== 2) await settled(world, db);
    await scene.advance(ROUND_MS);
    await scene.admin.request('POST', '/lifecycle/tick');
  }

  try {
    stripe.holdDeliveries();
    for (let number = 0; number < ROUNDS; number += 1) await round(number);
    await stripe.releaseDeliveries();
    await stripe.deliveriesIdle();
    await look('at the end');
    return {
      lives: lives.length,
      events: stripe.events().length,
      ...counts,
      kills: kills.length,
      mails: mail.count(),
      told: await toldByMail(world, people.customers),
      ...people.deeds,
      failures: lives
        .filter(({ seed }) => wrong.has(seed))
        .map((life) => ({ life: told(life), wrong: wrong.get(life.seed)! })),
    };
  } catch (thrown) {
    throw new Error(`seeds ${seeds[0]} to ${seeds.at(-1)} came to a stop; log: ${scene.logFile}`, {
      cause: thrown,
    });
  } finally {
    await scene.close();
  }
}
