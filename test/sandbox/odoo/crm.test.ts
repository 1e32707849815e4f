import { beforeAll, describe, expect, test } from 'vitest';
import { type Client, openOdoo } from './client.ts';

describe.each([17, 18, 19] as const)('opportunities of Odoo %i', (version) => {
  let odoo: Client;
  beforeAll(async () => {
    odoo = await openOdoo(version);
  });
  const lead = (values: object = {}) =>
    odoo.call<number>('crm.lead', 'create', [{ name: 'Deal', ...values }]);
  const read = (id: number) => odoo.odoo.read('crm.lead', id);

  test('a new one is the caller’s, in the first stage', async () => {
    expect(read(await lead({ expected_revenue: 12.345 }))).toMatchObject({
      type: 'opportunity',
      user_id: [2, 'Administrator'],
      team_id: [1, 'Sales'],
      stage_id: [1, 'New'],
      probability: 0,
      expected_revenue: 12.345,
    });
  });

  test('won: stage, probability, closing date; the first one with a rainbow', async () => {
    const first = await lead({ expected_revenue: 200 });
    expect(await odoo.call('crm.lead', 'action_set_won_rainbowman', [[first]])).toMatchObject({ effect: {} });
    const second = await lead();
    expect(await odoo.call('crm.lead', 'action_set_won_rainbowman', [[second]])).toBe(true);
    expect(read(first)).toMatchObject({
      stage_id: [4, 'Won'],
      probability: 100,
      prorated_revenue: 200,
      date_closed: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    });
  });

  test('made in the won stage, only 19 sets the closing date', async () => {
    const made = read(await lead({ stage_id: 4 }));
    expect(made).toMatchObject({ probability: 100 });
    expect(Boolean(made?.date_closed)).toBe(version === 19);
  });

  test('lost and back', async () => {
    const id = await lead();
    await odoo.call('crm.lead', 'action_set_lost', [[id]], { lost_reason_id: 1 });
    expect(read(id)).toMatchObject({ active: false, probability: 0, lost_reason_id: [1, 'Too expensive'] });
    await odoo.call('crm.lead', version === 19 ? 'action_unarchive' : 'toggle_active', [[id]]);
    expect(read(id)).toMatchObject({ active: true, lost_reason_id: false });
  });

  test('only 19 refuses to lose what was won', async () => {
    const id = await lead({ stage_id: 4 });
    if (version === 19)
      expect((await odoo.fails('crm.lead', 'action_set_lost', [[id]])).name).toContain('Validation');
    else expect(await odoo.call('crm.lead', 'action_set_lost', [[id]])).toBeUndefined();
  });

  test('the chatter escapes text, and cleans HTML', async () => {
    const id = await lead();
    const bodies = async () =>
      (
        await odoo.call<{ body: string }[]>(
          'mail.message',
          'search_read',
          [
            [
              ['model', '=', 'crm.lead'],
              ['res_id', '=', id],
            ],
          ],
          { fields: ['body'] },
        )
      ).map(({ body }) => body);
    await odoo.call('crm.lead', 'message_post', [[id]], { body: '<p>a & b</p>' });
    expect((await bodies())[0]).toBe('<p>&lt;p&gt;a &amp; b&lt;/p&gt;</p>');
    const html =
      '<p onclick="x()">a <b>b</b><script>alert(1)</script><img src=x onerror=1><a href="java\tscript:x">l</a></p>';
    await odoo.call('crm.lead', 'message_post', [[id]], { body: html, body_is_html: true });
    expect((await bodies())[0]).toBe('<p>a <b>b</b><img src="x"><a href="">l</a></p>');
  });

  test('an activity is done with a note', async () => {
    const id = await lead();
    await odoo.call('crm.lead', 'activity_schedule', [[id]], {
      act_type_xmlid: 'mail.mail_activity_data_todo',
      summary: 'Call <back>',
    });
    const [activity] = await odoo.call<number[]>('mail.activity', 'search', [[['res_id', '=', id]]]);
    expect(odoo.odoo.read('mail.activity', activity!)).toMatchObject({
      summary: 'Call <back>',
      res_model: 'crm.lead',
    });
    await odoo.call('mail.activity', 'action_feedback', [[activity]], { feedback: 'done <b>it</b>' });
    expect(await odoo.call('mail.activity', 'search', [[['res_id', '=', id]]])).toEqual([]);
    const note = odoo.odoo.records('mail.message').at(-1);
    expect(note?.body).toContain('done &lt;b&gt;it&lt;/b&gt;');
  });

  test('a deleted record takes its chatter and files along', async () => {
    const id = await lead();
    await odoo.call('ir.attachment', 'create', [
      { name: 'f', datas: 'aGk=', res_model: 'crm.lead', res_id: id },
    ]);
    await odoo.call('crm.lead', 'unlink', [[id]]);
    for (const [model, owner] of [
      ['mail.message', 'model'],
      ['ir.attachment', 'res_model'],
    ] as const)
      expect(odoo.odoo.find(model, (row) => row[owner] === 'crm.lead' && row.res_id === id)).toBeUndefined();
  });
});
