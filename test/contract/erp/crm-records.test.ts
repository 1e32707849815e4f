import { beforeAll, describe, expect, test } from 'vitest';
import { type Erp, openErp, unique } from './erp.ts';

let erp: Erp;
beforeAll(async () => {
  erp = await openErp();
});

async function newLead(): Promise<number> {
  const ids = await erp.admin.call<number[]>('crm.lead', 'create', {
    vals_list: [{ name: unique('opportunity'), type: 'opportunity', expected_revenue: 1750 }],
  });
  erp.tidy('crm.lead', ids);
  return ids[0]!;
}

describe('opportunity', () => {
  test('is won, as often as one likes', async () => {
    const id = await newLead();
    for (let time = 0; time < 2; time += 1) {
      expect(await erp.admin.call('crm.lead', 'action_set_won', { ids: [id] })).toBe(true);
    }
    const [lead] = await erp.admin.call<
      { stage_id: [number, string]; probability: number; date_closed: string }[]
    >('crm.lead', 'read', {
      ids: [id],
      fields: ['stage_id', 'probability', 'date_closed', 'expected_revenue'],
    });
    expect(lead).toMatchObject({ probability: 100, expected_revenue: 1750 });
    expect(lead?.date_closed).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    const [stage] = await erp.admin.call<{ is_won: boolean }[]>('crm.stage', 'read', {
      ids: [lead!.stage_id[0]],
      fields: ['is_won'],
    });
    expect(stage?.is_won).toBe(true);
  });

  test('a note keeps its Message-ID and its HTML, without scripts', async () => {
    const id = await newLead();
    const messageId = `<${unique('note')}@example.com>`;
    const message = await erp.admin.call<number>('crm.lead', 'message_post', {
      ids: [id],
      body: '<p>Tom &amp; <b>Ann</b><script>alert(1)</script></p>',
      body_is_html: true,
      message_type: 'comment',
      subtype_xmlid: 'mail.mt_note',
      message_id: messageId,
    });
    const found = await erp.admin.call<{ id: number; body: string }[]>('mail.message', 'search_read', {
      domain: [
        ['model', '=', 'crm.lead'],
        ['res_id', '=', id],
        ['message_id', '=', messageId],
      ],
      fields: ['body'],
    });
    expect(found).toHaveLength(1);
    expect(found[0]?.id).toBe(message);
    expect(found[0]?.body).toContain('Tom &amp; <b>Ann</b>');
    expect(found[0]?.body).not.toContain('script');
  });

  test('attachments by external id, with content and type', async () => {
    const id = await newLead();
    const content = Buffer.from('%PDF-1.4 contract');
    const xmlId = `stripe_connector.${unique('file').replaceAll('-', '_')}`;
    const ids = await erp.admin.load(
      'ir.attachment',
      ['id', 'name', 'res_model', 'res_id', 'mimetype', 'datas'],
      [[xmlId, 'BEP.pdf', 'crm.lead', id, 'application/pdf', content.toString('base64')]],
    );
    const [file] = await erp.admin.call<Record<string, unknown>[]>('ir.attachment', 'read', {
      ids,
      fields: ['name', 'res_model', 'res_id', 'mimetype', 'datas', 'file_size'],
    });
    expect(file).toMatchObject({
      name: 'BEP.pdf',
      res_model: 'crm.lead',
      res_id: id,
      mimetype: 'application/pdf',
      datas: content.toString('base64'),
      file_size: content.length,
    });
  });
});
