/**
 * kill -9 inside every step of what follows an end: read-only, archived, restored, announced, deleted. Another process
 * goes on each time, and in the end every customer has exactly what one has to whom nothing happened.
 */
import { afterAll, expect, it } from 'vitest';
import { RUN_PLANS } from '../../connector/provisioning/run-plans.ts';
import type { RunKind, Stage, StepName } from '../../connector/provisioning/step-plan.ts';
import { eventually } from '../support/connector.ts';
import { readTraces, type Shape } from './once.ts';
import type { KillPoint } from './point.ts';
import { INNER_POINTS, stepPoints } from './points.ts';
import { openScene, type Purchase, type Scene } from './scene.ts';
import { strikeAll, untilQueued } from './strike.ts';

let scene: Scene | undefined;
afterAll(async () => scene?.close());

/** One is killed in each step of every run: those who come back in the later ones of `restore`, the others in deletion. */
const GIVEN_BACK: readonly StepName[] = [
  'restored_mail',
  'limits_shown',
  'subscription_links',
  'keys_checked',
];
const RETURNING = GIVEN_BACK.length;
const LEAVING = RUN_PLANS.delete_data.length;
const CUSTOMERS = RETURNING + LEAVING;

const KEY_POINTS = INNER_POINTS.filter(({ name }) => name.startsWith('key '));

/** Inside each step: the effect outside is there, the ledger does not know it yet. */
function pointsOf(kind: RunKind, only?: readonly StepName[]): readonly KillPoint[] {
  const wanted = only ?? RUN_PLANS[kind].map(({ name }) => name);
  return stepPoints(kind).filter(({ name }) => wanted.some((step) => name === `inside ${step}`));
}

it('kill -9 in what follows an end leaves everything as it should be, once', {
  timeout: 600_000,
}, async () => {
  scene = await openScene('postgres');
  const { world, withDatabase } = scene;
  // What comes in is taken; no run is carried out but by processes that are to die.
  const front = await scene.start({ slots: { lane: 4, run: 0 } }, { front: true });
  await front.ready;
  const purchases: Purchase[] = [];
  for (let n = 0; n < CUSTOMERS; n += 1) purchases.push(await scene.buy());
  await untilQueued(front, CUSTOMERS);
  let done = 0;
  const strike = async (runs: number, points: readonly KillPoint[]): Promise<void> => {
    expect(points.length).toBeLessThanOrEqual(runs);
    done += runs;
    const { missed } = await strikeAll(scene!, { points, expected: done });
    expect(missed).toEqual([]);
  };
  await strike(CUSTOMERS, []);
  const ids = await withDatabase(async (db) => {
    const { rows } = await db.query<{ id: string }>(
      `select s.provider_id as id from subscriptions s join checkout_sessions c on c.order_id = s.order_id
        order by array_position($1::text[], c.provider_id)`,
      [purchases.map(({ sessionId }) => sessionId)],
    );
    return rows.map(({ id }) => id);
  });
  const [returning, leaving] = [purchases.slice(0, RETURNING), purchases.slice(RETURNING)];
  const comes = async (stage: Stage, runs: number): Promise<void> => {
    await withDatabase((db) =>
      db.query(
        'update lifecycle_stages set due_at = now() where stage = $1 and run_id is null and cancelled is null',
        [stage],
      ),
    );
    await front.admin.request('POST', '/lifecycle/tick');
    await untilQueued(front, runs);
  };
  const shapes = (of: readonly Purchase[]) =>
    withDatabase(async (db) => {
      const traces = await readTraces(world, db);
      return Promise.all(of.map((purchase) => traces.shapeOf(purchase)));
    });
  await everybody(() => shapes(purchases), { access: 'provisioned' });
  const [before] = await shapes(purchases);

  for (const id of ids) await front.admin.request('POST', `/subscriptions/${id}/cancel`, { when: 'now' });
  await untilQueued(front, CUSTOMERS);
  await strike(CUSTOMERS, [...pointsOf('deprovision'), ...KEY_POINTS]);
  await everybody(() => shapes(purchases), {
    liveKeys: 1,
    liveKeyIsTheStoredOne: true,
    liveSecrets: 1,
    access: 'deprovisioned',
  });
  expect(canWrite()).toEqual(purchases.map(() => false));
  expect(activeUsers()).toBe(2 * CUSTOMERS);

  await comes('archive_access', CUSTOMERS);
  await strike(CUSTOMERS, pointsOf('archive_access'));
  await everybody(() => shapes(purchases), {
    liveKeys: 0,
    liveSecrets: 0,
    documentsInStorage: before!.documentsInStorage!,
  });
  expect(activeUsers()).toBe(0);

  for (const id of ids.slice(0, RETURNING)) await front.admin.request('POST', `/lifecycle/${id}/undo`);
  await untilQueued(front, RETURNING);
  await strike(RETURNING, pointsOf('restore', GIVEN_BACK));
  const { mails: _mails, runs: _runs, notes: _notes, ...lasting } = before!;
  await everybody(() => shapes(returning), lasting);
  expect(canWrite()).toEqual(returning.map(() => true));
  expect(activeUsers()).toBe(2 * RETURNING);

  await comes('announce_deletion', LEAVING);
  await strike(LEAVING, pointsOf('announce_deletion'));
  await comes('delete_data', LEAVING);
  await strike(LEAVING, pointsOf('delete_data'));
  await everybody(() => shapes(leaving), {
    workspaces: 0,
    folders: 0,
    documentsInWorkspace: 0,
    buckets: 0,
    liveSecrets: 0,
    // The customer and the sale stay the company's own.
    companies: 1,
    opportunities: 1,
    records: 1,
  });
  await everybody(() => shapes(returning), lasting);

  await withDatabase(async (db) => {
    const traces = await readTraces(world, db);
    for (const purchase of purchases) {
      const subjects = [...traces.mailsOf(purchase).values()].map(([mail]) => subjectOf(mail));
      const [back, gone] = returning.includes(purchase) ? [1, 0] : [0, 1];
      // Of one run one mail, by whichever process.
      const told = [...MAILS].map(([text]) => [
        text,
        subjects.filter((subject) => subject.includes(text)).length,
      ]);
      expect(told).toEqual(MAILS.map(([text, whose]) => [text, { all: 1, back, gone }[whose]]));
    }
    const { rows } = await db.query<{ n: number }>(
      `select count(*)::int as n from runs where status not in ('done', 'superseded')`,
    );
    expect(rows).toEqual([{ n: 0 }]);
  });
  await scene.passLease();
  await eventually('every run is told once in the chatter', async () =>
    [
      ['Access is read-only', CUSTOMERS],
      ['Access has ended', CUSTOMERS],
      ['Access restored', RETURNING],
      ['The data are deleted', LEAVING],
    ].every(([text, times]) => notesSaying(String(text)) === times),
  );
});

const MAILS = [
  ['read-only', 'all'],
  ['access has ended', 'all'],
  ['restored', 'back'],
  ['will be deleted', 'gone'],
  ['are deleted', 'gone'],
] as const;

const subjectOf = (mail: unknown): string => String((mail as { subject?: string }).subject);

const canWrite = (): boolean[] =>
  scene!.world.systems.b2
    .keys()
    .filter(({ keyName }) => keyName.startsWith('cde-p'))
    .map(({ capabilities }) => capabilities.includes('writeFiles'));

const activeUsers = (): number =>
  scene!.world.systems.odoo
    .records('res.users')
    .filter(({ login, active }) => active === true && /^(ines|lars)@works/.test(String(login))).length;

/** On the subscription's record; the opportunity has it too. */
const notesSaying = (text: string): number =>
  scene!.world.systems.odoo
    .records('mail.message')
    .filter(({ model, body }) => model === 'x_stripe_subscription' && String(body).includes(text)).length;

async function everybody(shapes: () => Promise<Shape[]>, expected: Shape): Promise<void> {
  // The outbox and the chatter follow the run within seconds.
  await scene!.passLease();
  await eventually('the ERP shows it', async () =>
    (await shapes()).every((shape) => expected.access === undefined || shape.access === expected.access),
  );
  for (const shape of await shapes()) expect(shape).toMatchObject(expected);
}
