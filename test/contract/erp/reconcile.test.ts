import { randomInt } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bind, intend } from '../../../connector/crm/bindings.ts';
import { externalId } from '../../../connector/crm/ids.ts';
import { loadOdooMapping } from '../../../connector/crm/mapping.ts';
import { leaveNote } from '../../../connector/crm/note-rows.ts';
import { drainOutbox } from '../../../connector/crm/outbox.ts';
import { reconcileErp } from '../../../connector/crm/reconcile.ts';
import type { Database } from '../../../connector/db/database.ts';
import { createLog } from '../../../connector/log.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { makeMirror } from '../../../scripts/bench/mirror/make-mirror.ts';
import { openTestDatabase } from '../../support/database.ts';
import { seedSale } from '../../support/seed.ts';
import { openPreparedErp, type PreparedErp, unique } from './erp.ts';

let erp: PreparedErp;
let db: Database;
let reads: number;
let writes: number;
let odoo: Odoo;
const log = createLog({ level: 'silent' });
const mapping = loadOdooMapping();
// Ahead of the database's own clock, by which a new row is due at once.
const now = () => new Date(Date.now() + 60_000);

beforeAll(async () => {
  erp = await openPreparedErp();
}, 180_000);
beforeEach(async () => {
  db = await openTestDatabase();
  odoo = {
    ...erp.service,
    call(model, method, args) {
      if (method === 'search_read') reads += 1;
      return erp.service.call(model, method, args);
    },
    load(model, ...rest) {
      writes += 1;
      return erp.service.load(model, ...rest);
    },
  };
  reads = 0;
  writes = 0;
  return () => db.close();
});

const mirror = async (count: number): Promise<number[]> => {
  const ids = await makeMirror({ db, odoo: erp.service, mapping, count });
  erp.tidy('x_stripe_subscription', ids);
  return ids;
};
const reconcile = () => reconcileErp({ db, odoo, mapping, now });
const drain = () => drainOutbox({ db, odoo, log, now });

async function statusOf(ids: readonly number[]): Promise<unknown[]> {
  const rows = await erp.admin.call<{ x_status: string }[]>('x_stripe_subscription', 'read', {
    ids,
    fields: ['x_status'],
  });
  return rows.map((row) => row.x_status);
}

describe('keeping the ERP in step', () => {
  test('of many records one read per 500; only what differs is written, in one call', async () => {
    const ids = await mirror(520);
    expect(await reconcile()).toEqual({ looked: 520, differed: 0, ahead: [], gone: [] });
    expect(await drain()).toMatchObject({ written: 0 });
    expect({ reads, writes }).toEqual({ reads: 2, writes: 0 });
    // Changed here while nobody left anything for the outbox, as after a lost database transaction or a restored ERP.
    await db.query("update subscriptions set status = 'past_due', version = version + 1 where id % 100 = 0");
    expect(await reconcile()).toMatchObject({ looked: 520, differed: 6 });
    expect(await drain()).toMatchObject({ written: 6, parked: 0 });
    expect({ reads, writes }).toEqual({ reads: 4, writes: 1 });
    expect((await statusOf(ids)).filter((status) => status === 'past_due')).toHaveLength(6);
    expect(await reconcile()).toMatchObject({ differed: 0 });
  });

  test('an ERP that was restored from a backup gets its lost versions again; one that is ahead is left alone', async () => {
    const ids = await mirror(2);
    await db.query("update subscriptions set status = 'past_due', version = 3");
    await reconcile();
    await drain();
    await erp.admin.call('x_stripe_subscription', 'write', {
      ids: [ids[0]!],
      vals: { x_version: 1, x_status: 'active' },
    });
    await erp.admin.call('x_stripe_subscription', 'write', { ids: [ids[1]!], vals: { x_version: 9 } });
    const found = await reconcile();
    expect(found).toMatchObject({ looked: 2, differed: 1 });
    expect(found.ahead).toHaveLength(1);
    expect(await drain()).toMatchObject({ written: 1 });
    expect(await statusOf([ids[0]!])).toEqual(['past_due']);
  });

  test('a mapping that was changed is written to the records, once', async () => {
    await mirror(3);
    await db.query('update subscriptions set version = 2');
    await reconcile();
    await drain();
    const { subscription } = mapping.records;
    const { x_bucket: _left, ...fields } = subscription.fields;
    const changed = {
      ...mapping,
      records: {
        ...mapping.records,
        subscription: { ...subscription, fields: { ...fields, x_bucket: { fact: 'subscription.currency' } } },
      },
    };
    const again = () => reconcileErp({ db, odoo, mapping: changed, now });
    expect(await again()).toMatchObject({ differed: 3 });
    expect(await drain()).toMatchObject({ written: 3 });
    expect(await again()).toMatchObject({ differed: 0 });
  });

  test('a record that staff deleted is named, and the others are compared', async () => {
    const ids = await mirror(3);
    await erp.admin.call('x_stripe_subscription', 'unlink', { ids: [ids[1]!] });
    const found = await reconcile();
    expect(found).toMatchObject({ looked: 3, differed: 0, ahead: [] });
    expect(found.gone).toHaveLength(1);
  });

  test('a record whose opportunity staff merged away is led to the one that is left, once', async () => {
    const [recordId] = await mirror(1);
    // Numbers no other run on this server has used.
    await db.query(`alter table orders alter column id restart with ${randomInt(1_000, 2_000_000) * 1000}`);
    const { orderId } = await seedSale(db);
    await db.query('update subscriptions set order_id = null where order_id = $1', [orderId]);
    await db.query('update subscriptions set order_id = $1 where id = (select max(id) from subscriptions)', [
      orderId,
    ]);
    const name = externalId.opportunity(orderId);
    const lead = async (values: object) => {
      const [made] = await erp.admin.call<number[]>('crm.lead', 'create', {
        vals_list: [{ name: unique('lead'), type: 'opportunity', ...values }],
      });
      erp.tidy('crm.lead', [made!]);
      return made!;
    };
    const ours = await lead({ probability: 1 });
    const theirs = await lead({ probability: 99 });
    await intend(db, 'crm.lead', [name]);
    await bind(db, [{ name, resId: ours }]);
    await erp.service.load('x_stripe_subscription', ['.id', 'x_opportunity_id/.id'], [[recordId!, ours]]);
    await leaveNote(db, { record: name, model: 'crm.lead', key: 'opened', html: '<p>Opened.</p>' });
    await drain();
    expect(await reconcile()).toMatchObject({ differed: 0 });

    const [wizard] = await erp.admin.call<number[]>('crm.merge.opportunity', 'create', {
      vals_list: [{ opportunity_ids: [[6, 0, [ours, theirs]]] }],
    });
    await erp.admin.call('crm.merge.opportunity', 'action_merge', { ids: [wizard!] });
    const linked = async () => {
      const [row] = await erp.admin.call<{ x_opportunity_id: [number, string] | false }[]>(
        'x_stripe_subscription',
        'read',
        { ids: [recordId!], fields: ['x_opportunity_id'] },
      );
      return [row!.x_opportunity_id].flat()[0];
    };
    expect(await linked()).toBe(false);
    expect(await reconcileErp({ db, odoo, mapping, now, dryRun: true })).toMatchObject({ differed: 1 });
    expect(await linked()).toBe(false);
    expect(await reconcile()).toMatchObject({ differed: 1 });
    expect(await linked()).toBe(theirs);
    expect(await reconcile()).toMatchObject({ differed: 0 });

    // Deleted, there is nothing to lead to: asked for once.
    await erp.admin.call('crm.lead', 'unlink', { ids: [theirs] });
    await reconcile();
    expect(await linked()).toBe(false);
    reads = 0;
    expect(await reconcile()).toMatchObject({ differed: 0 });
    expect(reads).toBe(1);
  });

  test('five hundred records with a bad one among them: it alone is parked', async () => {
    const ids = await mirror(500);
    await db.query("update subscriptions set status = 'past_due', version = version + 1");
    await reconcile();
    await db.query(
      `update erp_outbox set vals = vals || '{"x_state": "no such state"}' where external_id = (
         select max(external_id) from erp_outbox)`,
    );
    writes = 0;
    expect(await drain()).toMatchObject({ written: 499, parked: 1 });
    // Halving: two calls a level.
    expect(writes).toBeLessThanOrEqual(1 + 2 * Math.ceil(Math.log2(500)));
    expect((await statusOf(ids)).filter((status) => status === 'past_due')).toHaveLength(499);
    const { rows } = await db.query<{ code: string }>(
      "select parked_cause->>'code' as code from erp_outbox where parked_cause is not null",
    );
    expect(rows).toEqual([{ code: 'odoo_load_refused' }]);
  }, 120_000);
});
