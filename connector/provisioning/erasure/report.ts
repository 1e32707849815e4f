/** What an erasure has done and what it leaves; kept with its row, so that it can be read whoever carried it out. */
import type { Sql } from '../../db/database.ts';
import { KEPT } from './places.ts';
import type { Subject } from './subject.ts';

export interface Entry {
  readonly where: 'database' | 'erp' | 'storage' | 'stripe';
  readonly what: string;
  readonly action: 'deleted' | 'anonymised' | 'asked' | 'kept';
  readonly count?: number;
  readonly why?: string;
}

export interface ErasureReport {
  /** null: a dry run. */
  readonly id: number | null;
  readonly finished: boolean;
  readonly entries: readonly Entry[];
}

export interface ErasureRow extends ErasureReport {
  readonly id: number;
  readonly kind: Subject['kind'];
  /** null: of a person, whom nothing names here. */
  readonly organisationId: number | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  /** Why it stopped; it is tried again by itself. */
  readonly cause: { readonly code: string; readonly message: string } | null;
}

interface Stored extends Omit<ErasureRow, 'finished' | 'entries'> {
  readonly report: Readonly<Record<string, readonly Entry[]>>;
}

/** Newest first. @param filter.id only that one */
export async function readErasures(
  sql: Sql,
  filter: { id: number | null; limit: number },
): Promise<readonly ErasureRow[]> {
  const { rows } = await sql.query<Stored>(
    `select id, kind, organisation_id as "organisationId", created_at as "createdAt", finished_at as "finishedAt",
            cause, report from erasures where $1::bigint is null or id = $1 order by id desc limit $2`,
    [filter.id, filter.limit],
  );
  return rows.map(({ report, ...row }) => ({
    ...row,
    finished: row.finishedAt !== null,
    entries: [...Object.values(report).flat(), ...keptOf(row.kind)],
  }));
}

/** What stays, with its reason. */
export const keptOf = (kind: Subject['kind']): readonly Entry[] =>
  KEPT.filter(({ where }) => kind === 'organisation' || where !== 'stripe').map((each) => ({
    ...each,
    action: 'kept' as const,
  }));
