/** Whether somebody who comes back to a project pays its set-up again: by policy, while everything of it still stands. */
import type { Sql } from '../db/database.ts';
import type { ChangePolicy } from './catalogue.ts';

/** @param projectId left out: bought for no project of ours @returns true also where there was nothing to come back to, or it is deleted */
export async function setupDueOnReturn(
  sql: Sql,
  { returnSetup }: Pick<ChangePolicy, 'returnSetup'>,
  projectId: number | undefined,
): Promise<boolean> {
  if (projectId === undefined || returnSetup === 'full') return true;
  const { rowCount } = await sql.query(
    `select 1 from projects p where id = $1 and data_deleted_at is null
        and exists (select 1 from subscriptions where project_id = p.id and access <> 'none')
        and not exists (select 1 from subscriptions where project_id = p.id and ended_at is null)`,
    [projectId],
  );
  return rowCount === 0;
}
