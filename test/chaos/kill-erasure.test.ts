/** kill -9 before and after every part of an erasure is noted, and at its end: another process goes on, and nothing is left. */
import { afterAll, expect, it } from 'vitest';
import type { ErasureRow } from '../../connector/provisioning/erasure/report.ts';
import { eventually } from '../support/connector.ts';
import type { KillPoint } from './point.ts';
import { type Instance, openScene, type Scene } from './scene.ts';

let scene: Scene | undefined;
afterAll(async () => scene?.close());

const PARTS = ['runs', 'storage', 'workspaces', 'erp', 'stripe', 'database'];

/** Done outside and not noted; noted and nothing more; all done and not said. */
const POINTS: readonly KillPoint[] = [
  { name: 'asked for, not begun', statement: '^insert into erasures', when: 'committed' },
  ...PARTS.map(
    (part): KillPoint => ({
      name: `inside ${part}`,
      statement: '^update erasures set report',
      params: [`^\\{"${part}"`],
      when: 'before',
    }),
  ),
  { name: 'not yet finished', statement: '^update erasures set finished_at', when: 'before' },
  { name: 'finished, not answered', statement: '^update erasures set finished_at', when: 'committed' },
];

it('an erasure killed at every step ends as one that was not', { timeout: 300_000 }, async () => {
  scene = await openScene('postgres');
  const { world, withDatabase } = scene;
  const first = await scene.start({}, { front: true });
  await first.ready;
  const purchase = await scene.buy();
  const other = await scene.buy();
  const subscriptions = await eventually('both live', () =>
    withDatabase(async (db) => {
      const { rows } = await db.query<{ id: string; company: string }>(
        `select s.provider_id as id, g.name as company from subscriptions s
           join organisations g on g.id = s.organisation_id where s.access = 'provisioned'`,
      );
      return rows.length === 2 ? rows : undefined;
    }),
  );
  const ours = subscriptions.find(({ company }) => company === purchase.company)!;
  await first.admin.request('POST', `/subscriptions/${ours.id}/cancel`, { when: 'now' });
  await eventually('it has ended', () =>
    withDatabase(async (db) => {
      const { rowCount } = await db.query(
        "select 1 from runs where kind = 'deprovision' and status = 'done'",
      );
      return rowCount > 0;
    }),
  );
  await first.stop();
  const organisation = await withDatabase(async (db) => {
    const { rows } = await db.query<{ id: number }>('select id from organisations where name = $1', [
      purchase.company,
    ]);
    return rows[0]!.id;
  });
  const untouched = storagesAndUsers();

  for (const point of POINTS) {
    const doomed = await scene.start({ point }, { front: true });
    await doomed.ready;
    await overdue();
    const asked = ask(doomed, organisation);
    expect(await doomed.gone, point.name).toBe('SIGKILL');
    expect(await asked, point.name).toBe('no answer');
  }

  const last = await scene.start({}, { front: true });
  await last.ready;
  const { erasures } = await last.admin.request<{ erasures: ErasureRow[] }>('GET', '/erasures');
  expect(erasures).toMatchObject([{ finished: true, organisationId: organisation, cause: null }]);
  expect(new Set(erasures[0]!.entries.map(({ where }) => where))).toEqual(
    new Set(['database', 'erp', 'storage', 'stripe']),
  );
  await expect(last.admin.request('POST', '/erasures', { organisation })).rejects.toThrow(/nothing of this/);
  await last.stop();
  const left = storagesAndUsers();
  expect(left.buckets).toBe(untouched.buckets - 1);
  expect(left.keys).toBe(untouched.keys - 1);
  expect(left.active).toEqual([...other.logins].sort());
  for (const model of ['res.partner', 'crm.lead', 'res.users', 'mail.message', 'mail.activity'])
    for (const text of [purchase.company, purchase.contact, ...purchase.logins])
      expect([
        model,
        text,
        world.systems.odoo.records(model).filter((each) => JSON.stringify(each).includes(text)).length,
      ]).toEqual([model, text, 0]);
  // One look through the chatter is asked for, however often the ERP was begun with.
  expect(
    world.systems.odoo
      .records('mail.activity')
      .filter(({ summary }) => String(summary).startsWith('Erasure requested')),
  ).toHaveLength(1);
});

/** A killed worker's lease is over. */
const overdue = () =>
  scene!.withDatabase((db) => db.query("update erasures set held_until = now() - interval '1 second'"));

const ask = (instance: Instance, organisation: number): Promise<string> =>
  instance.admin.request('POST', '/erasures', { organisation }).then(
    () => 'answered',
    () => 'no answer',
  );

function storagesAndUsers() {
  const { b2, odoo } = scene!.world.systems;
  return {
    buckets: b2.buckets().length,
    keys: b2.keys().length,
    active: odoo
      .records('res.users')
      .filter(({ login, active }) => active === true && /^(ines|lars)@works/.test(String(login)))
      .map(({ login }) => String(login))
      .sort(),
  };
}
