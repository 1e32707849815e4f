/** `erp_notes`: what the chatter is still to tell, oldest first. */
import type { Sql } from '../db/database.ts';
import { MODULE, qualified } from './ids.ts';

export interface NoteRow {
  readonly id: number;
  /** Our name of the record it hangs on. */
  readonly record: string;
  readonly model: string;
  readonly resId: number;
  readonly key: string;
  readonly html: string;
}

/** Leaves a note for a record that need not exist yet; the same key twice is one note. @param note.record our name of it */
export async function leaveNote(
  sql: Sql,
  note: { record: string; model: string; key: string; html: string },
): Promise<void> {
  await sql.query(
    `insert into erp_notes (external_id, key, model, html) values ($1, $2, $3, $4)
     on conflict (external_id, key) do nothing`,
    [qualified(note.record), note.key, note.model, note.html],
  );
}

/** Notes due whose record exists, in the order they were left: none before an older one of its record that waits. */
export async function dueNotes(sql: Sql, now: Date, limit: number): Promise<NoteRow[]> {
  const { rows } = await sql.query<NoteRow>(
    `select n.id, substr(n.external_id, ${MODULE.length + 2}) as record, n.model, r.res_id as "resId", n.key, n.html
       from erp_notes n join erp_records r on r.external_id = n.external_id
      where r.res_id is not null and n.parked_cause is null and n.retry_at <= $1
        and not exists (select 1 from erp_notes o where o.external_id = n.external_id and o.id < n.id
                          and o.parked_cause is null and o.retry_at > $1)
      order by n.id limit $2`,
    [now, limit],
  );
  return rows;
}

export async function notesPosted(sql: Sql, notes: readonly NoteRow[]): Promise<void> {
  await sql.query('delete from erp_notes where id = any($1::bigint[])', [notes.map(({ id }) => id)]);
}

export async function postponeNotes(sql: Sql, notes: readonly NoteRow[], retryAt: Date): Promise<void> {
  await sql.query(
    'update erp_notes set retry_at = $2, attempts = attempts + 1 where id = any($1::bigint[])',
    [notes.map(({ id }) => id), retryAt],
  );
}

export async function parkNote(
  sql: Sql,
  note: NoteRow,
  cause: { code: string; message: string; advice: string | undefined },
): Promise<void> {
  await sql.query('update erp_notes set parked_cause = $2::jsonb where id = $1', [
    note.id,
    JSON.stringify(cause),
  ]);
}
