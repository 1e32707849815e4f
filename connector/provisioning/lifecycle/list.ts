/** What will happen when: the list operators read before it does. Nothing is asked of anybody outside. */
import type { Sql } from '../../db/database.ts';
import { STAGES, type Stage } from '../step-plan.ts';
import { holdOf } from './hold.ts';
import { usesLogins } from './stages.ts';

export interface ListedStage {
  readonly subscriptionId: number;
  readonly subscription: string;
  readonly organisationId: number;
  readonly organisation: string;
  readonly project: string;
  readonly stage: Stage;
  readonly dueAt: Date;
  readonly state: 'waiting' | 'under_way' | 'needs_attention' | 'held' | 'done' | 'called_off';
  /** Of a legal hold, or why it was called off. */
  readonly why: string | null;
  /** What it takes away, in words. */
  readonly what: readonly string[];
}

interface Row extends Omit<ListedStage, 'what' | 'state' | 'why'> {
  readonly runStatus: string | null;
  readonly done: boolean;
  readonly cancelled: string | null;
  readonly hold: string | null;
  readonly bucket: string | null;
  readonly prefix: string | null;
  readonly strategy: 'bucket' | 'prefix' | null;
  readonly leaving: number;
}

/** By day. @param filter.all also what is done and called off */
export async function listStages(
  sql: Sql,
  filter: { all: boolean; workspace: 'delete' | 'keep'; limit: number },
): Promise<readonly ListedStage[]> {
  const { rows } = await sql.query<Row>(
    `select l.subscription_id as "subscriptionId", s.provider_id as subscription, g.id as "organisationId",
            g.name as organisation, p.name as project, l.stage, l.due_at as "dueAt", l.done_at is not null as done,
            l.cancelled, r.status as "runStatus", ${holdOf('s', 'g')} as hold,
            t.bucket_name as bucket, t.prefix, t.strategy,
            (select count(distinct lower(k.email))::int from stakeholders k where k.project_id = p.id and not exists (
               select 1 from stakeholders e join subscriptions o on o.project_id = e.project_id
                where lower(e.email) = lower(k.email) and o.id <> s.id and ${usesLogins('o')})) as leaving
       from lifecycle_stages l join subscriptions s on s.id = l.subscription_id
       join projects p on p.id = s.project_id join organisations g on g.id = s.organisation_id
       left join storages t on t.project_id = p.id left join runs r on r.id = l.run_id
      where $1 or (l.done_at is null and l.cancelled is null)
      order by l.due_at, l.subscription_id, array_position($2::text[], l.stage) limit $3`,
    [filter.all, STAGES, filter.limit],
  );
  return rows.map((row) => ({
    subscriptionId: row.subscriptionId,
    subscription: row.subscription,
    organisationId: row.organisationId,
    organisation: row.organisation,
    project: row.project,
    stage: row.stage,
    dueAt: row.dueAt,
    state: stateOf(row),
    why: row.cancelled ?? (stateOf(row) === 'held' ? row.hold : null),
    what: WORDS[row.stage](row, filter.workspace),
  }));
}

function stateOf(row: Row): ListedStage['state'] {
  if (row.done) return 'done';
  if (row.cancelled !== null) return 'called_off';
  if (row.runStatus === 'needs_attention') return 'needs_attention';
  if (row.runStatus !== null) return 'under_way';
  const deletes = row.stage === 'announce_deletion' || row.stage === 'delete_data';
  return row.hold !== null && deletes ? 'held' : 'waiting';
}

const WORDS: Readonly<Record<Stage, (row: Row, workspace: 'delete' | 'keep') => readonly string[]>> = {
  deprovision: () => ['storage key becomes read-only', 'mail to the contact'],
  archive_access: ({ leaving }) => [
    `${leaving} user(s) archived`,
    'workspace closed to them',
    'storage keys revoked',
    'mail to the contact',
  ],
  announce_deletion: () => ['mail to the contact'],
  delete_data: (row, workspace) => [
    row.bucket === null
      ? 'no storage'
      : row.strategy === 'bucket'
        ? `bucket ${row.bucket} deleted`
        : `files under ${row.bucket}/${row.prefix} deleted`,
    workspace === 'delete' ? 'workspace deleted' : 'workspace kept',
    'mail to the contact',
  ],
};
