/** The part of an erasure in our own database: what is there, and its end. */
import type { Database, Sql } from '../../db/database.ts';
import { OF_ORGANISATION, OF_PERSON, type Place } from './places.ts';
import type { Entry } from './report.ts';
import { addressOf, type Subject } from './subject.ts';

const placesOf = (subject: Subject): readonly [places: readonly Place[], key: unknown] =>
  subject.kind === 'person' ? [OF_PERSON, addressOf(subject)] : [OF_ORGANISATION, subject.organisationId];

/** All in one transaction: half anonymised would find nothing of the other half again. */
export function eraseInDatabase(db: Database, subject: Subject): Promise<readonly Entry[]> {
  const [places, key] = placesOf(subject);
  return db.tx(async (tx) => {
    const entries: Entry[] = [];
    for (const { what, action, erase } of places) {
      const { rowCount } = await tx.query(erase, [key]);
      if (rowCount > 0) entries.push({ where: 'database', what, action, count: rowCount });
    }
    return entries;
  });
}

export async function countInDatabase(sql: Sql, subject: Subject): Promise<readonly Entry[]> {
  const [places, key] = placesOf(subject);
  const entries: Entry[] = [];
  for (const { what, action, count } of places) {
    const { rows } = await sql.query<{ n: number }>(count, [key]);
    if (rows[0]!.n > 0) entries.push({ where: 'database', what, action, count: rows[0]!.n });
  }
  return entries;
}
