/** What staff read of going on with a run that has stopped: the button where the ERP shows it, the command in any case. */
import { findBindings } from '../crm/bindings.ts';
import { externalId } from '../crm/ids.ts';
import type { Sql } from '../db/database.ts';

export async function howToRetry(sql: Sql, run: { id: string; subscriptionId: number }): Promise<string> {
  const command = `npm run cli -- runs retry ${run.id}`;
  const name = externalId.subscription(run.subscriptionId);
  const hasRecord = (await findBindings(sql, [name])).get(name)?.resId != null;
  // The form shows the button while this is the record's access.
  const { rowCount } = await sql.query(
    "select 1 from subscriptions where id = $1 and access = 'provisioning'",
    [run.subscriptionId],
  );
  return hasRecord && rowCount > 0
    ? `Then press “Retry Provisioning” on its subscription, or: ${command}`
    : `Then: ${command}`;
}
