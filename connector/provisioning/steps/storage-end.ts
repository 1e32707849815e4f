/** What becomes of a project's storage when access is suspended or over: read-only, without keys, gone. */
import { ConnectorError } from '../../errors.ts';
import { refuseHeld } from '../lifecycle/hold.ts';
import { projectIsUsed } from '../lifecycle/stages.ts';
import type { StepBody, StepDeps } from '../step.ts';
import { findStorage, replaceKey, storageOwner } from './storage.ts';

export const storageKeyReadOnly: StepBody<'storage_key_read_only'> = async (deps, { sale, runId }) => {
  const row = await findStorage(deps, sale.project.id);
  if (row === undefined || row.bucketId === null) return { keyId: null };
  await refuseUsed(deps, sale.subscription.id);
  return replaceKey(deps, { runId, projectId: sale.project.id, row, bucketId: row.bucketId, readOnly: true });
};

export const keysRevoked: StepBody<'keys_revoked'> = async (deps, { sale }) => {
  const row = await findStorage(deps, sale.project.id);
  if (row === undefined) return { keys: 0 };
  await refuseUsed(deps, sale.subscription.id);
  const live = await deps.storage.listKeys({ keyName: row.keyName });
  await deps.storage.deleteKeys(live.map((key) => key.keyId));
  await deps.db.tx(async (tx) => {
    await tx.query('update storages set key_id = null, secret_id = null where project_id = $1', [
      sale.project.id,
    ]);
    await tx.query('delete from secrets where owner = $1', [storageOwner(sale.project.id)]);
  });
  return { keys: live.length };
};

export const storageDeleted: StepBody<'storage_deleted'> = async (deps, { sale }) => {
  await refuseUsed(deps, sale.subscription.id);
  return deleteStorage(deps, {
    projectId: sale.project.id,
    // Looked at before every page: a hold stops a deletion that has begun.
    mayGoOn: () => refuseHeld(deps.db, sale.subscription.id),
  });
};

/** Every version under the project's prefix, then the bucket, when it is the project's own. Repeatable. */
export async function deleteStorage(
  deps: Pick<StepDeps, 'db' | 'storage'>,
  input: { projectId: number; mayGoOn: () => Promise<void> },
): Promise<{ files: number; bucket: string | null }> {
  const row = await findStorage(deps, input.projectId);
  if (row === undefined || row.bucketId === null) return { files: 0, bucket: null };
  const { bucketId, prefix, strategy, bucketName } = row;
  // A shared bucket without a prefix would be everybody's.
  if (strategy === 'prefix' && prefix === '') throw prefixMissing(input.projectId);
  let files = 0;
  for (let more = true; more; ) {
    await input.mayGoOn();
    const page = await deps.storage.deleteFilePage({ bucketId, prefix });
    files += page.deleted;
    more = page.more;
  }
  if (strategy === 'prefix') return { files, bucket: null };
  await input.mayGoOn();
  await deps.storage.deleteBucket(bucketId);
  return { files, bucket: bucketName };
}

/** @throws ConnectorError conflict `project_in_use`: the customer has come back meanwhile */
export async function refuseUsed(deps: Pick<StepDeps, 'db'>, subscriptionId: number): Promise<void> {
  if (!(await projectIsUsed(deps.db, subscriptionId))) return;
  throw new ConnectorError({
    kind: 'conflict',
    code: 'project_in_use',
    message: 'another subscription lives on this project: nothing of it is taken away',
    advice: 'Call the rest off: npm run cli -- lifecycle undo <id>.',
  });
}

const prefixMissing = (projectId: number): ConnectorError =>
  new ConnectorError({
    kind: 'bug',
    code: 'storage_prefix_missing',
    message: `project ${projectId} shares a bucket but has no prefix: nothing was deleted`,
    advice: 'Report this.',
  });
