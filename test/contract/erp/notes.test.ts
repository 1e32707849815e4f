import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bind, intend } from '../../../connector/crm/bindings.ts';
import { ensureRecords } from '../../../connector/crm/ensure-records.ts';
import { leaveNote } from '../../../connector/crm/note-rows.ts';
import { drainOutbox } from '../../../connector/crm/outbox.ts';
import type { Database } from '../../../connector/db/database.ts';
import { createLog } from '../../../connector/log.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { openTestDatabase } from '../../support/database.ts';
import { openPreparedErp, type PreparedErp, unique } from './erp.ts';

let erp: PreparedErp;
let db: Database;
const log = createLog({ level: 'silent' });
// Ahead of the database's own clock, by which a new note is due at once.
const now = () => new Date(Date.now() + 60_000);

beforeAll(async () => {
  erp = await openPreparedErp();
  db = await openTestDatabase();
  return () => db.close();
}, 180_000);
beforeEach(async () => {
  await db.query('delete from erp_notes');
});

const drain = (odoo: Odoo = erp.service) => drainOutbox({ db, odoo, log, now });

/** A record of ours, bound. */
async function record(model: 'crm.lead' | 'x_stripe_subscription'): Promise<{ name: string; id: number }> {
  const name = unique('note_target').replaceAll('-', '_');
  const field = model === 'crm.lead' ? 'name' : 'x_name';
  const { ids } = await ensureRecords(
    { db, odoo: erp.service, now },
    { model, wanted: [{ name, values: { [field]: name } }] },
  );
  erp.tidy(model, [ids.get(name)!]);
  return { name, id: ids.get(name)! };
}

interface Message {
  readonly body: string;
  readonly subtype_id: [number, string];
  readonly author_id: [number, string];
}

const notesOn = (model: string, id: number): Promise<Message[]> =>
  erp.admin.call('mail.message', 'search_read', {
    domain: [
      ['model', '=', model],
      ['res_id', '=', id],
      ['message_type', '=', 'comment'],
    ],
    fields: ['body', 'subtype_id', 'author_id'],
    order: 'id',
  });

const leave = (record: string, key: string, html: string, model = 'crm.lead') =>
  leaveNote(db, { record, model, key, html });

describe('chatter notes', () => {
  test('on both records, in their order, in one call, with links, as the service', async () => {
    const [lead, subscription] = [await record('crm.lead'), await record('x_stripe_subscription')];
    await leave(
      lead.name,
      'one',
      '<p><b>Paid</b>: <a href="https://pay.example/i?a=1&amp;b=2">A-1</a> &lt;b&gt;</p>',
    );
    await leave(subscription.name, 'one', '<p>Paid</p>', 'x_stripe_subscription');
    await leave(lead.name, 'two', '<p>Renewed</p>');
    await leave(lead.name, 'two', '<p>The same again</p>');
    const calls: string[] = [];
    const counted: Odoo = {
      ...erp.service,
      load(model, ...rest) {
        calls.push(model);
        return erp.service.load(model, ...rest);
      },
    };
    expect(await drain(counted)).toMatchObject({ posted: 3, parked: 0 });
    expect(calls).toEqual(['mail.message']);
    const [first, second, ...more] = await notesOn('crm.lead', lead.id);
    expect(more).toEqual([]);
    expect(first!.body).toContain('href="https://pay.example/i?a=1&amp;b=2"');
    expect(first!.body).toContain('&lt;b&gt;');
    expect(first!.subtype_id[1]).toBe('Note');
    expect(first!.author_id[1]).toMatch(/connector/i);
    expect(second!.body).toContain('Renewed');
    expect(await notesOn('x_stripe_subscription', subscription.id)).toHaveLength(1);
  });

  test('an answer that was never read: the note is found, not posted again', async () => {
    const lead = await record('crm.lead');
    await leave(lead.name, 'lost', '<p>Once</p>');
    await drain();
    await db.query("update erp_records set res_id = null where external_id like '%_lost'");
    await leave(lead.name, 'lost', '<p>Once</p>');
    expect(await drain()).toMatchObject({ posted: 1 });
    expect(await notesOn('crm.lead', lead.id)).toHaveLength(1);
  });

  test('posted before, also when staff deleted it since: told is told', async () => {
    const lead = await record('crm.lead');
    await leave(lead.name, 'told', '<p>Once</p>');
    await drain();
    const ids = await erp.admin.call<number[]>('mail.message', 'search', {
      domain: [
        ['model', '=', 'crm.lead'],
        ['res_id', '=', lead.id],
        ['message_type', '=', 'comment'],
      ],
    });
    await erp.admin.call('mail.message', 'unlink', { ids });
    await leave(lead.name, 'told', '<p>Once</p>');
    await drain();
    expect(await notesOn('crm.lead', lead.id)).toEqual([]);
    expect((await db.query('select 1 from erp_notes')).rowCount).toBe(0);
  });

  test('waits for its record; one on a record that is gone is parked, and the others are posted', async () => {
    const [lead, gone] = [await record('crm.lead'), await record('crm.lead')];
    const later = unique('later').replaceAll('-', '_');
    await erp.admin.call('crm.lead', 'unlink', { ids: [gone.id] });
    await leave(lead.name, 'a', '<p>a</p>');
    await leave(gone.name, 'b', '<p>b</p>');
    await leave(later, 'c', '<p>c</p>');
    await leave(lead.name, 'd', '<p>d</p>');
    await drain();
    expect((await notesOn('crm.lead', lead.id)).map(({ body }) => body)).toEqual(['<p>a</p>', '<p>d</p>']);
    const { rows } = await db.query<{ key: string; code: string | null }>(
      "select key, parked_cause->>'code' as code from erp_notes order by id",
    );
    expect(rows).toEqual([
      { key: 'b', code: 'erp_record_gone' },
      { key: 'c', code: null },
    ]);
    await intend(db, 'crm.lead', [later]);
    await bind(db, [{ name: later, resId: lead.id }]);
    expect(await drain()).toMatchObject({ posted: 1 });
    expect(await notesOn('crm.lead', lead.id)).toHaveLength(3);
  });
});
