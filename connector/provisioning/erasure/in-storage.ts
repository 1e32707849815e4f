/** The part of an erasure in storage: every version, bucket and key of an organisation's projects. */
import { deleteRecords } from '../steps/end-of-data.ts';
import { deleteStorage } from '../steps/storage-end.ts';
import type { ErasureDeps } from './deps.ts';
import { refuseHeldOrganisation } from './refusals.ts';
import type { Entry } from './report.ts';
import { projectsOf } from './subject.ts';

/** @throws ConnectorError conflict `legal_hold`, looked at before every page */
export async function eraseStorage(deps: ErasureDeps, organisationId: number): Promise<readonly Entry[]> {
  let files = 0;
  for (const projectId of await projectsOf(deps.db, organisationId)) {
    const { rows } = await deps.db.query<{ keyName: string }>(
      'select key_name as "keyName" from storages where project_id = $1',
      [projectId],
    );
    for (const { keyName } of rows) {
      const keys = await deps.storage.listKeys({ keyName });
      await deps.storage.deleteKeys(keys.map(({ keyId }) => keyId));
    }
    const mayGoOn = () => refuseHeldOrganisation(deps.db, organisationId);
    files += (await deleteStorage(deps, { projectId, mayGoOn })).files;
    await deleteRecords(deps, { projectId, now: deps.now() });
  }
  return [{ where: 'storage', what: 'versions of files, buckets and keys', action: 'deleted', count: files }];
}
