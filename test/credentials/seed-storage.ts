/** A project's storage with its sealed key, as the provisioning run leaves it. */
import type { Database } from '../../connector/db/database.ts';
import type { Vault } from '../../connector/secrets/vault.ts';

export async function seedStorageKey(input: {
  db: Database;
  vault: Vault;
  projectId: number;
  key: string;
}): Promise<void> {
  const { db, vault, projectId, key } = input;
  const owner = `project_${projectId}`;
  const { rows } = await db.query<{ id: number }>(
    "insert into secrets (owner, name, sealed) values ($1, 'storage_key', $2) returning id",
    [owner, vault.seal(key, `${owner}/storage_key`)],
  );
  await db.query(
    `insert into storages (project_id, strategy, bucket_id, bucket_name, prefix, key_name, key_id, secret_id)
     values ($1, 'prefix', 'b1', 'cde-bucket', 'project-1/', 'cde-p1', 'key-1', $2)`,
    [projectId, rows[0]!.id],
  );
}
