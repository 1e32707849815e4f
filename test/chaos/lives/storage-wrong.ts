/** Backblaze beside Stripe's objects: one bucket or prefix a project, and the one live key that is owed, or none. */
import type { Database } from '../../../connector/db/database.ts';
import type { World } from '../../../scripts/sandbox/world.ts';
import type { Standing } from './expected.ts';

interface Home {
  readonly bucketId: string;
  readonly bucket: string;
  /** Empty: the bucket is the project's own. */
  readonly prefix: string;
}

const PLAN_FILE = /^(.*)documents\/(.+)-BEP\.pdf$/;

export async function readStorage(
  world: World,
  db: Database,
): Promise<(standing: Standing) => readonly string[]> {
  const { b2 } = world.systems;
  const keys = b2.keys();
  const homes = Map.groupBy(
    b2.buckets().flatMap(({ bucketId, bucketName: bucket }) =>
      b2.files(bucketId).flatMap(({ fileName }) => {
        const [, prefix, code] = PLAN_FILE.exec(fileName) ?? [];
        return code === undefined ? [] : [{ code, home: { bucketId, bucket, prefix: prefix! } }];
      }),
    ),
    ({ code }) => code,
  );
  const { rows } = await db.query<{ bucket: string; prefix: string; keyId: string | null }>(
    'select bucket_name as bucket, prefix, key_id as "keyId" from storages',
  );

  function keyWrong({ place, mayWrite, mayRead }: Standing, { bucketId, bucket, prefix }: Home): string[] {
    const { project } = place;
    const live = keys.filter((key) => key.bucketId === bucketId && (key.namePrefix ?? '') === prefix);
    const row = rows.find((each) => each.bucket === bucket && each.prefix === prefix);
    const stored = row?.keyId ?? undefined;
    if (live.length > 1) return [`${live.length} live keys of ${project}`];
    if (live[0]?.applicationKeyId !== stored)
      return [`${project}: key ${live[0]?.applicationKeyId} is live, stored is ${stored}`];
    if (live[0] === undefined) return mayRead === true ? [`${project}: no live key`] : [];
    if (mayRead === false) return [`${project}: a key lives on`];
    const writes = live[0].capabilities.includes('writeFiles');
    return mayWrite === null || writes === mayWrite
      ? []
      : [`${project}: the key ${writes ? 'writes' : 'does not write'}`];
  }

  return (standing) => {
    const { code, project } = standing.place;
    const mine = homes.get(code) ?? [];
    if (mine.length === 0 && standing.unnoticed) return [];
    return mine.length === 1 ? keyWrong(standing, mine[0]!.home) : [`${mine.length} storages of ${project}`];
  };
}
