/** The subscription's record in the ERP: its links, and that it follows its subscription in whatever order versions come. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Sale } from '../../../connector/billing/sale.ts';
import { loadOdooMapping } from '../../../connector/crm/mapping.ts';
import { type CrmScene, openCrmScene } from './crm-scene.ts';

let scene: CrmScene;
beforeAll(async () => {
  scene = await openCrmScene();
  return scene.close;
}, 180_000);
beforeEach(() => scene.startAnew());

describe('the subscription record’s links', () => {
  test('that are staff’s after creation are filled while they are empty', async () => {
    const sale = await scene.newSale();
    const { records, ...rest } = loadOdooMapping();
    const { x_bucket: bucket, ...fields } = records.subscription.fields;
    const once = { ...fields, x_bucket: { ...bucket!, write: 'once' as const } };
    scene.startAnew({
      ...rest,
      records: { ...records, subscription: { ...records.subscription, fields: once } },
    });
    const { recordId, workspace } = await scene.provision(sale);
    expect(await scene.read('x_stripe_subscription', [recordId], ['x_bucket'])).toMatchObject([
      { x_bucket: 'bucket-1' },
    ]);
    await scene.crm.linkSubscription(sale, {
      recordId,
      workspace: { ...workspace, url: 'https://elsewhere.example' },
      bucketName: 'bucket-2',
    });
    expect(
      await scene.read('x_stripe_subscription', [recordId], ['x_bucket', 'x_workspace_url']),
    ).toMatchObject([{ x_bucket: 'bucket-1', x_workspace_url: 'https://elsewhere.example' }]);
  });

  test('of a record staff deleted go nowhere: it is said to be gone', async () => {
    const sale = await scene.newSale();
    const { recordId, workspace } = await scene.provision(sale);
    await scene.drain();
    await scene.erp.admin.call('x_stripe_subscription', 'unlink', { ids: [recordId] });
    await expect(
      scene.crm.linkSubscription(sale, { recordId, workspace, bucketName: 'bucket-2' }),
    ).rejects.toMatchObject({ kind: 'absent', code: 'erp_record_gone' });
  });
});

describe('the subscription record follows', () => {
  const mirror = (sale: Sale, version: number, change: Partial<Sale['subscription']>) => {
    const { id: subscriptionId, ...subscription } = sale.subscription;
    return scene.db.tx((tx) =>
      scene.crm.mirrorSubscription(tx, { subscriptionId, ...subscription, ...change, version }),
    );
  };

  test('the newest version wins, in whatever order they come; links stay', async () => {
    const sale = await scene.newSale();
    const { recordId, partners } = await scene.provision(sale);
    await mirror(sale, 4, { status: 'past_due', canceledAt: new Date('2026-11-20T10:00:00Z') });
    await mirror(sale, 3, { status: 'active' });
    expect(await scene.drain()).toMatchObject({ written: 1, parked: 0 });
    const fields = ['x_status', 'x_version', 'x_canceled_at', 'x_partner_id'];
    expect(await scene.read('x_stripe_subscription', [recordId], fields)).toMatchObject([
      {
        x_status: 'past_due',
        x_version: 4,
        x_canceled_at: '2026-11-20 10:00:00',
        x_partner_id: [partners.companyId, expect.any(String)],
      },
    ]);
    await mirror(sale, 2, { status: 'unpaid' });
    await scene.drain();
    await mirror(sale, 5, { status: 'active', canceledAt: null });
    await scene.drain();
    expect(await scene.read('x_stripe_subscription', [recordId], fields)).toMatchObject([
      { x_status: 'active', x_version: 5, x_canceled_at: false },
    ]);
  });

  test('provisioning repeated with a newer version writes it through the outbox', async () => {
    const sale = await scene.newSale();
    const { partners, opportunityId, workspace, recordId } = await scene.provision(sale);
    const again = (access: 'suspended' | 'provisioned', version: number) =>
      scene.crm.ensureSubscription(
        { ...sale, subscription: { ...sale.subscription, access, version } },
        { ...partners, opportunityId },
      );
    await again('suspended', 5);
    expect(await scene.drain()).toMatchObject({ written: 1 });
    await again('provisioned', 4);
    expect(await scene.drain()).toMatchObject({ written: 0 });
    await scene.crm.linkSubscription(sale, { recordId, workspace, bucketName: 'bucket-2' });
    expect(
      await scene.read('x_stripe_subscription', [recordId], ['x_access', 'x_bucket', 'x_version']),
    ).toMatchObject([{ x_access: 'suspended', x_bucket: 'bucket-2', x_version: 5 }]);
  });

  test('a mirror before the record exists waits for it', async () => {
    const sale = await scene.newSale();
    await mirror(sale, 7, { status: 'past_due' });
    expect(await scene.drain()).toMatchObject({ written: 0 });
    const { recordId } = await scene.provision(sale);
    expect(await scene.drain()).toMatchObject({ written: 1 });
    expect(await scene.read('x_stripe_subscription', [recordId], ['x_status', 'x_access'])).toMatchObject([
      { x_status: 'past_due' },
    ]);
  });

  test('a bad row is found and parked, the others are written', async () => {
    const sales = [await scene.newSale(), await scene.newSale(), await scene.newSale()];
    const made = [];
    for (const sale of sales) made.push(await scene.provision(sale));
    for (const [index, sale] of sales.entries()) {
      await mirror(sale, 9, { status: 'past_due', ...(index === 1 && { currency: 'xxx' }) });
    }
    expect(await scene.drain()).toMatchObject({ written: 2, parked: 1 });
    const rows = await scene.read(
      'x_stripe_subscription',
      made.map(({ recordId }) => recordId),
      ['x_status'],
    );
    expect(rows.map((row) => row.x_status)).toEqual(['past_due', 'active', 'past_due']);
    const parked = await scene.db.query<{ cause: { code: string } }>(
      'select parked_cause as cause from erp_outbox where parked_cause is not null',
    );
    expect(parked.rows).toMatchObject([{ cause: { code: 'odoo_load_refused' } }]);
    await mirror(sales[1]!, 10, { status: 'canceled' });
    expect(await scene.drain()).toMatchObject({ written: 1 });
  });
});
