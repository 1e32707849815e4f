/**
 * kill -9 before, inside and after every step, within the steps at every single call to the outside, and on the way from
 * the webhook to the run's job; each time another process goes on, and in the end everything exists exactly once.
 */
import { afterAll, expect, it } from 'vitest';
import type { Database } from '../../connector/db/database.ts';
import { eventually } from '../support/connector.ts';
import { readTraces, totals } from './once.ts';
import type { KillPoint } from './point.ts';
import { INNER_POINTS, LANE_POINTS, stepPoints } from './points.ts';
import { type Instance, openScene, type Purchase, type Scene } from './scene.ts';
import { callPoints, type Point, strikeAll, untilDone, untilQueued } from './strike.ts';

const SPARE = 8;

/** One process at a time has the embedded database, so each kill costs a start: inside every step, and between our writes. */
const FEWER = [...INNER_POINTS, ...stepPoints().filter(({ name }) => name.startsWith('inside '))];

export function killEverywhere(kind: Database['kind']): void {
  let scene: Scene | undefined;
  afterAll(async () => scene?.close());

  it(`kill -9 (${kind}) leaves everything exactly once, wherever it strikes`, {
    timeout: 900_000,
  }, async () => {
    scene = await openScene(kind);
    const { world } = scene;
    const before = totals(world);

    // One purchase nothing happens to, for comparison and to learn which calls a run makes.
    const first = await scene.start({}, { front: true });
    await first.ready;
    let session = '';
    const calm = await scene.buy((id) => {
      session = id;
    });
    // The opportunity is the checkout's, not the run's: it stands there with its first note before the money comes.
    await eventually('the opportunity', async () =>
      world.systems.odoo
        .records('mail.message')
        .some((each) => String(each.body).includes('payment page opened')),
    );
    world.counts.reset();
    world.systems.stripe.payCheckout(session);
    await untilDone(first, 1);
    // By the wake-up at the run's end, long before the outbox looks by itself.
    await eventually(
      'the record in the ERP says provisioned',
      async () =>
        world.systems.odoo.records('x_stripe_subscription').every((each) => each.x_access === 'provisioned'),
      5_000,
    );
    const calls = callPoints(world);
    await first.stop();

    const purchases: Purchase[] = [calm];
    let front: Instance | undefined;
    for (const point of LANE_POINTS) {
      await front?.stop();
      purchases.push(await struckInTheLane(scene, point));
      front = await scene.start({ slots: { lane: 4, run: 0 } }, { front: true });
      await front.ready;
      await untilQueued(front, purchases.length - 1);
      // What Stripe tries again must not meet the next one.
      await world.systems.stripe.deliveriesIdle();
    }
    if (front === undefined) throw new Error('there are no points in the lane');
    const points: Point[] = kind === 'postgres' ? [...calls, ...INNER_POINTS, ...stepPoints()] : FEWER;
    // The last calls to be watched for need runs that come by.
    for (let n = points.length + SPARE; n > 0; n -= 1) purchases.push(await scene.buy());
    await untilQueued(front, purchases.length - 1);
    front.kill();
    await front.gone;

    const strikes = await strikeAll(scene, { points, expected: purchases.length });
    expect(strikes.missed, 'points that no run came by').toEqual([]);

    await drained(scene);
    const report = await scene.withDatabase(async (db) => {
      const traces = await readTraces(world, db);
      const wanted = await traces.shapeOf(calm);
      const wrong: unknown[] = [];
      let secondCopies = 0;
      for (const purchase of purchases) {
        const run = await traces.runOf(purchase);
        const kills = strikes.kills.get(run ?? '') ?? [];
        const at = `killed at: ${kills.join(' + ') || 'nothing in its run'}`;
        const found = await traces.shapeOf(purchase);
        for (const [what, value] of Object.entries(wanted))
          if (found[what] !== value) wrong.push({ at, what, expected: value, found: found[what] });
        for (const [messageId, copies] of traces.mailsOf(purchase)) {
          secondCopies += copies.length - 1;
          const recorded = logged(scene!, messageId);
          // A second copy only where a process died between the server's taking the first and its being recorded.
          const most = 1 + (recorded <= 1 ? kills.length : 0);
          if (copies.length > most || recorded > 1)
            wrong.push({ at, what: `copies of ${messageId}`, copies: copies.length, recorded });
          if (new Set(copies.map(({ text, html }) => text + html)).size > 1)
            wrong.push({ at, what: `copies of ${messageId} differ` });
        }
        const windows = kills.filter((name) => /^mail delivery|not recorded$/.test(name)).length;
        const extra = [...traces.mailsOf(purchase).values()].reduce(
          (sum, copies) => sum + copies.length - 1,
          0,
        );
        if (extra < windows) wrong.push({ at, what: 'the mail window was not hit', extra });
      }
      return { wanted, wrong, secondCopies, buckets: await traces.buckets() };
    });
    expect(report.wrong).toEqual([]);
    expect(report.wanted).toMatchObject({
      companies: 1,
      opportunities: 1,
      won: true,
      workspaces: 1,
      documentsInWorkspace: 2,
      users: 2,
      records: 1,
      access: 'provisioned',
      buckets: 1,
      liveKeys: 1,
      liveKeyIsTheStoredOne: true,
      liveSecrets: 1,
      documentsInStorage: 2,
      runs: 1,
      customers: 1,
      subscriptions: 1,
      mails: 4,
    });
    // Nothing is left over that belongs to nobody.
    const after = totals(world);
    const each = Object.keys(before).map((what) => [what, (after[what]! - before[what]!) / purchases.length]);
    for (const [what, perPurchase] of each)
      if (what !== 'buckets') expect(Number.isInteger(perPurchase), String(what)).toBe(true);
    expect(Object.fromEntries(each)).toMatchObject({
      'crm.lead': 1,
      x_stripe_subscription: 1,
      'res.users': 2,
      keys: 1,
    });
    expect(after.buckets! - before.buckets!).toBe(report.buckets);
    console.log(
      `${kind}: ${strikes.kills.size} runs killed at ${[...strikes.kills.values()].flat().length} points, ` +
        `${LANE_POINTS.length} in the lane, ${report.secondCopies} second copies of mails`,
    );
  });
}

async function drained(scene: Scene): Promise<void> {
  await scene.passLease();
  const last = await scene.start();
  await last.ready;
  await eventually(
    'records and notes are told',
    async () => {
      const { outbox, notes } = await last.admin.request<Record<'outbox' | 'notes', { waiting: number }>>(
        'GET',
        '/status',
      );
      return outbox.waiting + notes.waiting === 0;
    },
    60_000,
  );
  await last.stop();
}

function logged(scene: Scene, messageId: string): number {
  return scene
    .log()
    .split('\n')
    .filter((line) => line.includes('"mail sent"') && line.includes(messageId)).length;
}

/** A purchase whose events reach a process that dies on the way to the run's job; the next one goes on. */
async function struckInTheLane(scene: Scene, point: KillPoint): Promise<Purchase> {
  const doomed = await scene.start({ point, slots: { lane: 4, run: 0 } }, { front: true });
  await doomed.ready;
  const purchase = await scene.buy();
  expect(await doomed.gone, point.name).toBe('SIGKILL');
  return purchase;
}
