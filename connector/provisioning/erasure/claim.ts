/** One worker at a time on an erasure: its row is held for a while, and held on to as long as the worker lives. */
import type { Database, Sql } from '../../db/database.ts';
import { asConnectorError } from '../../errors.ts';
import { erasureUnderWay } from './refusals.ts';
import type { Entry } from './report.ts';
import { addressOf, hashOf, type Subject } from './subject.ts';

// A killed worker's erasure is taken up after this long.
const LEASE_MS = 60_000;
const RENEW_EVERY_MS = 15_000;

type Report = Record<string, readonly Entry[]>;

/** Begun before and not finished. */
export async function underWay(sql: Sql, subject: Subject): Promise<number | undefined> {
  const { rows } = await sql.query<{ id: number }>(
    'select id from erasures where kind = $1 and subject_hash = $2 and finished_at is null',
    [subject.kind, hashOf(subject)],
  );
  return rows[0]?.id;
}

/** @throws ConnectorError conflict `erasure_under_way`: somebody else began it this moment */
export async function record(sql: Sql, subject: Subject, now: Date): Promise<number> {
  const { rows } = await sql.query<{ id: number }>(
    `insert into erasures (kind, organisation_id, email, subject_hash, created_at) values ($1, $2, $3, $4, $5)
     on conflict (kind, subject_hash) where finished_at is null do nothing returning id`,
    [
      subject.kind,
      subject.kind === 'organisation' ? subject.organisationId : null,
      subject.kind === 'person' ? addressOf(subject) : null,
      hashOf(subject),
      now,
    ],
  );
  if (rows[0] === undefined) throw erasureUnderWay();
  return rows[0].id;
}

/** Unfinished ones nobody holds. */
export async function abandoned(sql: Sql, now: Date): Promise<readonly { id: number; subject: Subject }[]> {
  const { rows } = await sql.query<{ id: number; organisationId: number | null; email: string | null }>(
    `select id, organisation_id as "organisationId", email from erasures
      where finished_at is null and (held_until is null or held_until < $1) order by id limit 20`,
    [now],
  );
  return rows.map(({ id, organisationId, email }) => ({
    id,
    subject:
      organisationId === null ? { kind: 'person', email: email! } : { kind: 'organisation', organisationId },
  }));
}

/**
 * Runs `work` while the row is held. What stops it is noted, and it is free again at once.
 * @throws ConnectorError conflict `erasure_under_way`; whatever `work` throws
 */
export async function holding(
  deps: { db: Database; now: () => Date },
  id: number,
  work: (
    done: Readonly<Report>,
    note: (name: string, entries: readonly Entry[]) => Promise<void>,
  ) => Promise<void>,
): Promise<void> {
  const { db, now } = deps;
  const until = () => new Date(now().getTime() + LEASE_MS);
  const claimed = await db.query<{ report: Report }>(
    `update erasures set held_until = $2, cause = null
      where id = $1 and finished_at is null and (held_until is null or held_until < $3) returning report`,
    [id, until(), now()],
  );
  if (claimed.rows[0] === undefined) throw erasureUnderWay();
  const renewal = setInterval(() => {
    // One that fails costs nothing: another worker may join in, and every step can be repeated.
    db.query('update erasures set held_until = $2 where id = $1 and finished_at is null', [
      id,
      until(),
    ]).catch(() => {});
  }, RENEW_EVERY_MS);
  try {
    await work(claimed.rows[0].report, async (name, entries) => {
      await db.query('update erasures set report = report || $2::jsonb where id = $1', [
        id,
        JSON.stringify({ [name]: entries }),
      ]);
    });
    // Nothing names the person any more, not even a digest.
    await db.query(
      `update erasures set finished_at = $2, email = null, held_until = null,
         subject_hash = case when kind = 'person' then '' else subject_hash end where id = $1`,
      [id, now()],
    );
  } catch (thrown) {
    const { code, message } = asConnectorError(thrown);
    await db.query('update erasures set held_until = null, cause = $2::jsonb where id = $1', [
      id,
      JSON.stringify({ code, message }),
    ]);
    throw thrown;
  } finally {
    clearInterval(renewal);
  }
}
