/**
 * Deletes storage keys that were made but never stored (an attempt whose answer was not read, in a run that never came
 * to its last step). Nightly; one listing for all projects.
 */
import type { Database } from '../db/database.ts';
import type { ObjectStorage } from './ports.ts';

/** Projects whose run is under way are left to it. @returns how many keys were deleted */
export async function sweepKeys(deps: {
  db: Database;
  storage: Pick<ObjectStorage, 'listKeys' | 'deleteKeys'>;
}): Promise<number> {
  // Listed first: a key made after this moment is not among them.
  const live = await deps.storage.listKeys();
  const { rows } = await deps.db.query<{ keyName: string; keyId: string }>(
    `select t.key_name as "keyName", t.key_id as "keyId" from storages t
      where t.key_id is not null and not exists (
        select 1 from runs r join subscriptions s on s.id = r.subscription_id
         where s.project_id = t.project_id and r.status in ('queued', 'running', 'waiting'))`,
  );
  const stored = new Map(rows.map((row) => [row.keyName, row.keyId]));
  const strays = live.filter(({ keyId, keyName }) => stored.has(keyName) && stored.get(keyName) !== keyId);
  await deps.storage.deleteKeys(strays.map((stray) => stray.keyId));
  return strays.length;
}
