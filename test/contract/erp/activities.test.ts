/** Whom an activity asks, and whose ERP this is: what `identify` knows of the server. */
import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CrmScene, openCrmScene } from './crm-scene.ts';

let scene: CrmScene;
beforeAll(async () => {
  scene = await openCrmScene();
  return scene.close;
}, 180_000);
beforeEach(() => scene.startAnew());

/** Opens an activity on an opportunity. @returns the user who is asked */
async function askedOn(opportunityId: number, key: string): Promise<number> {
  await scene.crm.openActivity({ model: 'crm.lead', resId: opportunityId, key, summary: 'x', note: 'x' });
  const [activity] = await scene.erp.admin.call<{ user_id: [number, string] }[]>(
    'mail.activity',
    'search_read',
    {
      domain: [
        ['res_model', '=', 'crm.lead'],
        ['res_id', '=', opportunityId],
      ],
      fields: ['user_id'],
    },
  );
  return activity!.user_id[0];
}

describe('notes and activities', () => {
  test('an activity is opened once for the salesperson, and closed', async () => {
    const sale = await scene.newSale();
    const { opportunityId } = await scene.provision(sale);
    const open = () =>
      scene.crm.openActivity({
        model: 'crm.lead',
        resId: opportunityId,
        key: `run_${sale.orderId}_attention`,
        summary: 'Needs attention',
        note: '<p>Look here</p>',
      });
    await open();
    await open();
    const activities = () =>
      scene.erp.admin.call<{ summary: string; user_id: [number, string] }[]>('mail.activity', 'search_read', {
        domain: [
          ['res_model', '=', 'crm.lead'],
          ['res_id', '=', opportunityId],
        ],
        fields: ['summary', 'user_id', 'note'],
      });
    const [activity, ...more] = await activities();
    expect(more).toEqual([]);
    expect(activity).toMatchObject({
      summary: 'Needs attention',
      note: expect.stringContaining('Look here'),
    });
    const service = await scene.erp.admin.xmlidToRes('stripe_connector', 'user_service');
    expect(activity!.user_id[0]).not.toBe(service!.id);
    await scene.crm.closeActivity({ key: `run_${sale.orderId}_attention` });
    await scene.crm.closeActivity({ key: `run_${sale.orderId}_attention` });
    expect(await activities()).toEqual([]);
    await open();
    expect(await activities()).toHaveLength(1);
  });

  test('a subscription record’s activity goes to a sales manager; done by staff, closing it is no error', async () => {
    const sale = await scene.newSale();
    const { recordId } = await scene.provision(sale);
    const key = `record_${sale.orderId}`;
    await scene.crm.openActivity({
      model: 'x_stripe_subscription',
      resId: recordId,
      key,
      summary: 'x',
      note: 'x',
    });
    const domain = [
      ['res_model', '=', 'x_stripe_subscription'],
      ['res_id', '=', recordId],
    ];
    const ids = await scene.erp.admin.call<number[]>('mail.activity', 'search', { domain });
    expect(ids).toHaveLength(1);
    await scene.erp.admin.call('mail.activity', 'unlink', { ids });
    await scene.crm.closeActivity({ key });
    expect(await scene.erp.admin.call('mail.activity', 'search', { domain })).toEqual([]);
  });

  test('the opportunity’s own salesperson is asked', async () => {
    const sale = await scene.newSale();
    const partners = await scene.crm.ensurePartners(sale);
    scene.tidyPartners(partners);
    const { opportunityId } = await scene.crm.ensureOpportunityWon(sale, partners);
    scene.erp.tidy('crm.lead', [opportunityId]);
    const admin = await scene.erp.admin.xmlidToRes('base', 'user_admin');
    await scene.erp.admin.call('crm.lead', 'write', { ids: [opportunityId], vals: { user_id: admin!.id } });
    expect(await askedOn(opportunityId, `own_${sale.orderId}`)).toBe(admin!.id);
  });

  test('without a salesperson its team’s leader is asked', async () => {
    const sale = await scene.newSale();
    const partners = await scene.crm.ensurePartners(sale);
    scene.tidyPartners(partners);
    const { opportunityId } = await scene.crm.ensureOpportunityWon(sale, partners);
    const leader = await scene.erp.admin.xmlidToRes('stripe_connector', 'user_service');
    const [team] = await scene.erp.admin.call<number[]>('crm.team', 'create', {
      vals_list: [{ name: 'Connector contract', user_id: leader!.id }],
    });
    scene.erp.tidy('crm.team', [team!]);
    scene.erp.tidy('crm.lead', [opportunityId]);
    await scene.erp.admin.call('crm.lead', 'write', {
      ids: [opportunityId],
      vals: { user_id: false, team_id: team },
    });
    expect(await askedOn(opportunityId, `team_${sale.orderId}`)).toBe(leader!.id);
  });
});

describe('whose ERP this is', () => {
  test('the first installation binds it, another one is refused', async () => {
    const key = { key: 'stripe_connector.installation' };
    const before = await scene.erp.admin.call<string | false>('ir.config_parameter', 'get_param', key);
    await scene.erp.admin.call('ir.config_parameter', 'set_param', { ...key, value: '' });
    try {
      const mine = randomUUID();
      const identity = await scene.crm.identify(mine);
      const uuid = await scene.erp.admin.call('ir.config_parameter', 'get_param', { key: 'database.uuid' });
      expect(identity).toMatchObject({ databaseUuid: uuid, version: (await scene.erp.admin.version()).text });
      expect(await scene.crm.identify(mine)).toEqual(identity);
      await expect(scene.crm.identify(randomUUID())).rejects.toMatchObject({
        kind: 'conflict',
        code: 'erp_belongs_to_another_installation',
      });
    } finally {
      await scene.erp.admin.call('ir.config_parameter', 'set_param', { ...key, value: before || '' });
    }
  });
});
