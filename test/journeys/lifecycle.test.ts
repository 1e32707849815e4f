/** The end of a subscription with the clock moved: read-only, archived, announced, deleted; and the ways back. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ListedStage } from '../../connector/provisioning/lifecycle/list.ts';
import type { World } from '../../scripts/sandbox/world.ts';
import {
  checkout,
  type Draft,
  draft,
  eventually,
  runOf,
  startConnector,
  type TestConnector,
} from '../support/connector.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestWorld } from '../support/sandbox.ts';

const DAY = 86_400_000;
// A world each: the days add up, and the ERP's key of a year ends.
let world: World;
let db: TestDatabase;
let connector: TestConnector;

beforeEach(async () => {
  world = await startTestWorld();
  db = await openTestDatabase();
  connector = await startConnector({ world, db, now: () => world.clock.now() });
});

afterEach(async () => {
  await connector?.stop();
  await db?.close();
});

interface Customer {
  readonly order: string;
  readonly subscriptionId: number;
  readonly providerId: string;
  readonly projectId: number;
  readonly organisationId: number;
  readonly contact: string;
  readonly logins: readonly string[];
}

async function buy(change: Draft = {}, known?: Customer): Promise<Customer> {
  const { organisation, ...rest } = draft(change);
  const body = known === undefined ? { organisation, ...rest } : rest;
  const headers: Record<string, string> =
    known === undefined ? {} : { authorization: `Bearer ${known.order}` };
  const reply = await checkout(connector.publicUrl, body, headers);
  expect(reply.status).toBe(201);
  world.systems.stripe.payCheckout(reply.body.session_id);
  // Webhooks are signed with the time of day, and this connector lives in the future.
  const session = world.systems.stripe.sessions().find(({ id }) => id === reply.body.session_id)!;
  await connector.admin.request('POST', `/customers/${session.customer}/sync`);
  await runOf(connector, db, reply.body.session_id);
  const { rows } = await db.query<Omit<Customer, 'order' | 'logins'>>(
    `select s.id as "subscriptionId", s.provider_id as "providerId", s.project_id as "projectId",
            s.organisation_id as "organisationId", g.contact_email as contact
       from subscriptions s join checkout_sessions c on c.order_id = s.order_id
       join organisations g on g.id = s.organisation_id where c.provider_id = $1`,
    [reply.body.session_id],
  );
  const logins = (rest.stakeholders as { email: string }[]).map(({ email }) => email);
  return { ...rows[0]!, order: reply.body.order, logins };
}

/** Waits until the newest run of this kind is done. */
async function done(subscriptionId: number, kind: string): Promise<void> {
  let last: unknown;
  await eventually(`run ${kind} of ${subscriptionId}`, async () => {
    const { rows } = await db.query<{ status: string; cause: unknown }>(
      'select status, cause from runs where subscription_id = $1 and kind = $2 order by created_at desc limit 1',
      [subscriptionId, kind],
    );
    last = rows[0];
    if (rows[0]?.status === 'needs_attention') throw new Error(JSON.stringify(last));
    return rows[0]?.status === 'done';
  });
}

async function end(customer: Customer): Promise<void> {
  await connector.admin.request('POST', `/subscriptions/${customer.providerId}/cancel`, { when: 'now' });
  await done(customer.subscriptionId, 'deprovision');
}

async function tick(days: number): Promise<number> {
  await world.clock.advance(days * DAY);
  const { begun } = await connector.admin.request<{ begun: number }>('POST', '/lifecycle/tick');
  return begun;
}

const stages = async (customer: Customer, all = true): Promise<ListedStage[]> => {
  const { stages: listed } = await connector.admin.request<{ stages: ListedStage[] }>(
    'GET',
    `/lifecycle?all=${all}`,
  );
  return listed.filter((each) => each.subscriptionId === customer.subscriptionId);
};

const access = async (customer: Customer): Promise<string> => {
  const { rows } = await db.query<{ access: string }>('select access from subscriptions where id = $1', [
    customer.subscriptionId,
  ]);
  return rows[0]!.access;
};

const active = ({ logins }: Customer): boolean[] =>
  world.systems.odoo
    .records('res.users')
    .filter((user) => logins.includes(String(user.login)))
    .map((user) => user.active === true);

async function storage({ projectId }: Customer) {
  const { rows } = await db.query<{ bucket: string; keyId: string | null; readOnly: boolean }>(
    'select bucket_name as bucket, key_id as "keyId", key_read_only as "readOnly" from storages where project_id = $1',
    [projectId],
  );
  const [row] = rows;
  const bucket = world.systems.b2.buckets().find((each) => each.bucketName === row?.bucket);
  const keys = world.systems.b2.keys().filter((each) => each.bucketId === bucket?.bucketId);
  return { row, bucket, keys };
}

const folders = ({ projectId }: Customer): number => {
  const bound = world.systems.odoo
    .records('ir.model.data')
    .filter((each) => String(each.name).startsWith(`project_${projectId}_`) && each.model === 'x_cde_folder');
  return bound.length;
};

const record = ({ providerId }: Customer) =>
  world.systems.odoo.records('x_stripe_subscription').find((each) => each.x_stripe_id === providerId);

const subjects = async (address: string): Promise<string[]> =>
  (await world.systems.mail.to(address)).map((mail) => mail.subject ?? '');

const canWrite = (keys: readonly { capabilities: readonly string[] }[]): boolean[] =>
  keys.map(({ capabilities }) => capabilities.includes('writeFiles'));

describe('the end', () => {
  it('comes in stages, each with its mail, and in the end nothing of the project is left', async () => {
    const customer = await buy();
    const before = await storage(customer);
    expect(canWrite(before.keys)).toEqual([true]);
    expect(folders(customer)).toBeGreaterThan(4);
    await end(customer);
    expect(await access(customer)).toBe('deprovisioned');
    const readOnly = await storage(customer);
    expect(canWrite(readOnly.keys)).toEqual([false]);
    expect(readOnly.keys[0]!.applicationKeyId).toBe(readOnly.row!.keyId);
    expect(readOnly.row!.keyId).not.toBe(before.row!.keyId);
    expect(active(customer)).toEqual([true, true]);
    expect((await subjects(customer.contact)).at(-1)).toMatch(/read-only/);
    await eventually('the ERP says so', async () => record(customer)?.x_access === 'deprovisioned');
    expect(record(customer)).toMatchObject({ x_status: 'canceled' });
    await eventually('a note says so, and when the next stage comes', async () =>
      world.systems.odoo
        .records('mail.message')
        .some(({ body }) => /Access is read-only.*Next on \d{4}-\d\d-\d\d/.test(String(body))),
    );
    expect((await stages(customer, false)).map(({ stage, state }) => [stage, state])).toEqual([
      ['archive_access', 'waiting'],
      ['announce_deletion', 'waiting'],
      ['delete_data', 'waiting'],
    ]);

    expect(await tick(29)).toBe(0);
    expect(await tick(1.01)).toBe(1);
    await done(customer.subscriptionId, 'archive_access');
    expect(active(customer)).toEqual([false, false]);
    expect((await storage(customer)).keys).toEqual([]);
    expect((await subjects(customer.contact)).at(-1)).toMatch(/access has ended/);
    expect(
      (await db.query('select 1 from secrets where owner = $1', [`project_${customer.projectId}`])).rowCount,
    ).toBe(0);

    expect(await tick(46)).toBe(1);
    await done(customer.subscriptionId, 'announce_deletion');
    expect((await subjects(customer.contact)).at(-1)).toMatch(/will be deleted on/);

    const { bucket, row } = await storage(customer);
    expect(world.systems.b2.files(row!.bucket).length).toBe(2);
    expect(await tick(13)).toBe(0);
    expect(await tick(1.01)).toBe(1);
    await done(customer.subscriptionId, 'delete_data');
    expect(world.systems.b2.buckets().some((each) => each.bucketId === bucket!.bucketId)).toBe(false);
    expect(folders(customer)).toBe(0);
    expect((await storage(customer)).row).toBeUndefined();
    expect((await subjects(customer.contact)).at(-1)).toMatch(/are deleted/);
    expect((await stages(customer)).every(({ state }) => state === 'done')).toBe(true);
    // The customer and their people stay in the ERP: it is the company's own record of a sale.
    await expect(
      connector.admin.request('POST', `/lifecycle/${customer.subscriptionId}/undo`),
    ).rejects.toThrow(/cannot be undone/);
  });

  it('of one of two subscriptions leaves the other and its people untouched', async () => {
    const first = await buy();
    const shared = { name: 'Ines Manager', email: first.logins[0]!, role: 'information_manager' };
    const second = await buy({ stakeholders: [shared] }, first);
    expect(second.organisationId).toBe(first.organisationId);
    const untouched = await storage(second);
    await end(first);
    await tick(30.1);
    await done(first.subscriptionId, 'archive_access');
    // Ines is needed by the second project, Lars by none.
    const byLogin = Object.fromEntries(
      world.systems.odoo.records('res.users').map((user) => [String(user.login), user.active === true]),
    );
    expect(first.logins.map((login) => byLogin[login])).toEqual([true, false]);
    await tick(46);
    await done(first.subscriptionId, 'announce_deletion');
    await tick(14.1);
    await done(first.subscriptionId, 'delete_data');
    expect(await access(second)).toBe('provisioned');
    expect(await storage(second)).toEqual(untouched);
    expect(folders(second)).toBeGreaterThan(4);
    expect(folders(first)).toBe(0);
  });

  it('is undone until the deletion, and ended again', async () => {
    const customer = await buy();
    await end(customer);
    await tick(30.1);
    await done(customer.subscriptionId, 'archive_access');
    await connector.admin.request('POST', `/lifecycle/${customer.providerId}/undo`);
    await done(customer.subscriptionId, 'restore');
    expect(await access(customer)).toBe('provisioned');
    expect(active(customer)).toEqual([true, true]);
    expect(canWrite((await storage(customer)).keys)).toEqual([true]);
    expect((await subjects(customer.contact)).at(-1)).toMatch(/restored/);
    expect(await tick(100)).toBe(0);
    await connector.admin.request('POST', `/lifecycle/${customer.providerId}/end`);
    await eventually('read-only again', async () => canWrite((await storage(customer)).keys)[0] === false);
    expect((await stages(customer, false)).map(({ stage }) => stage)).toContain('delete_data');
  });

  it('keeps data under a legal hold; released, the deletion is announced before it comes', async () => {
    const customer = await buy();
    await connector.admin.request('POST', `/lifecycle/org_${customer.organisationId}/hold`, {
      reason: 'court case 7',
    });
    await end(customer);
    await tick(30.1);
    await done(customer.subscriptionId, 'archive_access');
    await tick(150);
    const held = await stages(customer, false);
    expect(held.map(({ stage, state, why }) => [stage, state, why])).toEqual([
      ['announce_deletion', 'held', 'court case 7'],
      ['delete_data', 'held', 'court case 7'],
    ]);
    expect((await storage(customer)).bucket).toBeDefined();
    await connector.admin.request('POST', `/lifecycle/org_${customer.organisationId}/release`);
    await tick(0);
    await done(customer.subscriptionId, 'announce_deletion');
    expect((await stages(customer, false)).map(({ state }) => state)).toEqual(['waiting']);
    await tick(13);
    expect((await storage(customer)).bucket).toBeDefined();
    await tick(1.1);
    await done(customer.subscriptionId, 'delete_data');
    expect((await storage(customer)).bucket).toBeUndefined();
  });
});

describe('a return', () => {
  async function comeBack(customer: Customer): Promise<number> {
    const { subscription } = await connector.admin.request<{ subscription: { providerId: string } }>(
      'POST',
      '/subscriptions',
      {
        customer: await customerOf(customer),
        plan: 'starter',
        project: customer.projectId,
        setup: false,
      },
    );
    return eventually('the new subscription', async () => {
      const { rows } = await db.query<{ id: number }>('select id from subscriptions where provider_id = $1', [
        subscription.providerId,
      ]);
      return rows[0]?.id;
    });
  }

  const customerOf = async ({ organisationId }: Customer): Promise<string> => {
    const { rows } = await db.query<{ id: string }>(
      'select provider_customer_id as id from organisations where id = $1',
      [organisationId],
    );
    return rows[0]!.id;
  };

  it('within retention restores key, users and workspace; the end is called off', async () => {
    const customer = await buy();
    const before = await storage(customer);
    const tree = folders(customer);
    await end(customer);
    await tick(30.1);
    await done(customer.subscriptionId, 'archive_access');
    const again = await comeBack(customer);
    await done(again, 'restore');
    expect(await access({ ...customer, subscriptionId: again })).toBe('provisioned');
    const after = await storage(customer);
    expect(after.bucket!.bucketId).toBe(before.bucket!.bucketId);
    expect(canWrite(after.keys)).toEqual([true]);
    expect(active(customer)).toEqual([true, true]);
    expect(folders(customer)).toBe(tree);
    expect((await stages(customer, false)).length).toBe(0);
    expect((await stages(customer)).map(({ state }) => state)).toEqual([
      'done',
      'done',
      'called_off',
      'called_off',
    ]);
    await tick(200);
    expect((await storage(customer)).bucket).toBeDefined();
  });

  it('after the deletion is provisioned anew', async () => {
    const customer = await buy();
    await end(customer);
    await tick(30.1);
    await done(customer.subscriptionId, 'archive_access');
    await tick(46);
    await done(customer.subscriptionId, 'announce_deletion');
    await tick(14.1);
    await done(customer.subscriptionId, 'delete_data');
    const again = await comeBack(customer);
    await done(again, 'provision');
    const after = await storage(customer);
    expect(canWrite(after.keys)).toEqual([true]);
    expect(world.systems.b2.files(after.row!.bucket).length).toBe(2);
    expect(folders(customer)).toBeGreaterThan(4);
    expect(active(customer)).toEqual([true, true]);
  });
});
