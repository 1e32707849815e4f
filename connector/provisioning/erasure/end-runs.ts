/** What the end of an organisation's subscriptions still had to do is done by its erasure instead. */
import type { Database } from '../../db/database.ts';
import { noLiveJob } from '../../jobs/live.ts';
import { supersedeRuns } from '../gate.ts';
import { callOff } from '../lifecycle/stages.ts';
import { runUnderWay } from './refusals.ts';

/** @throws ConnectorError conflict `run_under_way`: a step that is being carried out ends first */
export async function endRuns(db: Database, organisationId: number): Promise<void> {
  const { rows } = await db.query<{ id: number }>('select id from subscriptions where organisation_id = $1', [
    organisationId,
  ]);
  await db.tx(async (tx) => {
    for (const { id: subscriptionId } of rows) {
      await supersedeRuns(tx, { subscriptionId });
      await callOff(tx, { subscriptionId, why: 'erased' });
    }
  });
  const { rowCount } = await db.query(
    `select 1 from runs r join subscriptions s on s.id = r.subscription_id
      where s.organisation_id = $1 and r.status <> 'done' and not ${noLiveJob('run', 'r.id::text')} limit 1`,
    [organisationId],
  );
  if (rowCount > 0) throw runUnderWay();
}
