/** Notes in the chatter: created by `load` with an external id each, so that one call posts many and none twice. */
import type { Database } from '../db/database.ts';
import { asConnectorError } from '../errors.ts';
import type { Log } from '../log.ts';
import { loadProblems } from '../odoo/load.ts';
import type { Odoo } from '../odoo/odoo.ts';
import { findBindings } from './bindings.ts';
import { ensureRecords } from './ensure-records.ts';
import { stillThere } from './gone.ts';
import { externalId } from './ids.ts';
import { type NoteRow, notesPosted, parkNote } from './note-rows.ts';

const MODEL = 'mail.message';

interface Deps {
  readonly db: Database;
  readonly odoo: Odoo;
  readonly log: Log;
  readonly now: () => Date;
}

/**
 * Posts these notes in their order; one that is refused is found by halving and parked, the others go on.
 * Odoo 19 lets only administrators `load` a message a second time, so a repeat looks first (`ensureRecords`).
 * @throws ConnectorError what concerns all of them: an ERP that is away, a refused key
 */
export async function postNotes(deps: Deps, notes: readonly NoteRow[]): Promise<{ parked: number }> {
  const names = new Map(notes.map((note) => [note.id, externalId.note(`${note.record}_${note.key}`)]));
  // Posted and perhaps deleted by staff since: told is told.
  const known = await findBindings(deps.db, [...names.values()]);
  const open = notes.filter((note) => known.get(names.get(note.id)!)?.resId == null);
  try {
    await ensureRecords(deps, {
      model: MODEL,
      wanted: open.map((note) => ({
        name: names.get(note.id)!,
        values: {
          model: note.model,
          res_id: note.resId,
          body: note.html,
          message_type: 'comment',
          'subtype_id/id': 'mail.mt_note',
        },
      })),
    });
    await notesPosted(deps.db, notes);
    return { parked: 0 };
  } catch (thrown) {
    if (loadProblems(thrown).length === 0) throw thrown;
    if (open.length > 1) {
      const half = Math.ceil(open.length / 2);
      const first = await postNotes(deps, open.slice(0, half));
      const second = await postNotes(deps, open.slice(half));
      return { parked: first.parked + second.parked };
    }
    return parkOrFollow(deps, open[0]!, thrown);
  }
}

/** A record that staff merged is followed to the one that is left, by the next drain; any other refusal waits for a person. */
async function parkOrFollow(deps: Deps, note: NoteRow, refusal: unknown): Promise<{ parked: number }> {
  let cause = asConnectorError(refusal);
  try {
    const ids = await stillThere(deps, note.model, new Map([[note.record, note.resId]]));
    if (ids.get(note.record) !== note.resId) return { parked: 0 };
  } catch (thrown) {
    cause = asConnectorError(thrown);
    if (cause.code !== 'erp_record_gone') throw thrown;
  }
  await parkNote(deps.db, note, { code: cause.code, message: cause.message, advice: cause.advice });
  deps.log.error({ err: cause, record: note.record, key: note.key }, 'a chatter note waits for a person');
  return { parked: 1 };
}
