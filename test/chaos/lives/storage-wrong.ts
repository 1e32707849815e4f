/** Backblaze beside Stripe's objects: one bucket a project, and the one live key that is owed, or none. */
import type { Database } from '../../../connector/db/database.ts';
import type { World } from '../../../scripts/sandbox/world.ts';
import type { Standing } from './expected.ts';

export async function readStorage(
  world: World,
  db: Database,
): Promise<(standing: Standing) => readonly string[]> {
  const buckets = world.systems.b2.buckets();
  const keys = world.systems.b2.keys();
  const { rows } = await db.query<{ bucket: string; keyId: string | null }>(
    'select bucket_name as bucket, key_id as "keyId" from storages',
  );

  return ({ place, mayWrite, mayRead, unnoticed }) => {
    const { project } = place;
    const mine = buckets.filter(({ bucketName }) =>
      bucketName.startsWith(`cde-${place.code.toLowerCase()}-p`),
    );
    if (mine.length === 0 && unnoticed) return [];
    if (mine.length !== 1) return [`${mine.length} buckets of ${project}`];
    const [bucket] = mine;
    const live = keys.filter((key) => key.bucketId === bucket!.bucketId);
    const stored = rows.find((row) => row.bucket === bucket!.bucketName)?.keyId ?? undefined;
    if (live.length > 1) return [`${live.length} live keys of ${project}`];
    if (live[0]?.applicationKeyId !== stored)
      return [`${project}: key ${live[0]?.applicationKeyId} is live, stored is ${stored}`];
    if (live[0] === undefined) return mayRead === true ? [`${project}: no live key`] : [];
    if (mayRead === false) return [`${project}: a key lives on`];
    const writes = live[0].capabilities.includes('writeFiles');
    return mayWrite === null || writes === mayWrite
      ? []
      : [`${project}: the key ${writes ? 'writes' : 'does not write'}`];
  };
}
