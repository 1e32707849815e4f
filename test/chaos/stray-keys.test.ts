/** What a kill may leave behind for good, and a run that needs a person: swept, and retried, after kill -9. */
import B2 from 'backblaze-b2';
import { afterAll, expect, it } from 'vitest';
import { createB2Storage } from '../../connector/b2/storage.ts';
import { createLog } from '../../connector/log.ts';
import { sweepKeys } from '../../connector/provisioning/sweep-keys.ts';
import { eventually } from '../support/connector.ts';
import { readTraces } from './once.ts';
import { openScene, type Scene } from './scene.ts';

let scene: Scene | undefined;
afterAll(async () => scene?.close());

it('a run that needs attention survives kill -9 and is retried; the nightly sweep deletes stray keys', {
  timeout: 120_000,
}, async () => {
  scene = await openScene('pglite');
  const { world, env } = scene;
  const doomed = await scene.start(
    {
      // It dies while it writes that a person is needed.
      point: {
        name: 'needs attention',
        statement: '^update runs set status = \\$2',
        params: ['^needs_attention$'],
        when: 'before',
      },
    },
    { front: true },
  );
  await doomed.ready;
  world.faults.add({ system: 'bep', times: Number.POSITIVE_INFINITY, kind: 'permanent' });
  const purchase = await scene.buy();
  expect(await doomed.gone).toBe('SIGKILL');

  const second = await scene.start({}, { front: true });
  await second.ready;
  const stopped = await eventually('the run needs attention', async () => {
    const { runs } = await second.admin.request<{ runs: { id: string }[] }>(
      'GET',
      '/runs?status=needs_attention',
    );
    return runs[0];
  });
  second.kill();
  await second.gone;

  world.faults.clear();
  const third = await scene.start({}, { front: true });
  await third.ready;
  await third.admin.request('POST', `/runs/${stopped.id}/retry`);
  await eventually('the run is done', async () => {
    const { status } = await third.admin.request<{ status: string }>('GET', `/runs/${stopped.id}`);
    return status === 'done';
  });
  await third.stop();

  // An owner whose claim was lost long ago makes its key only now.
  const bucket = world.systems.b2.buckets()[0]!;
  const [key] = world.systems.b2.keys().filter(({ bucketId }) => bucketId === bucket.bucketId);
  const b2 = new B2({
    applicationKeyId: env.B2_APPLICATION_KEY_ID!,
    applicationKey: env.B2_APPLICATION_KEY!,
    retry: { retries: 0 },
  });
  await b2.authorize({ axiosOverride: { url: `${env.B2_API_URL}/b2api/v2/b2_authorize_account` } });
  await b2.createKey({
    keyName: key!.keyName,
    bucketId: bucket.bucketId,
    capabilities: ['listFiles'],
  } as never);
  const keysOfBucket = () => world.systems.b2.keys().filter(({ bucketId }) => bucketId === bucket.bucketId);
  expect(keysOfBucket()).toHaveLength(2);

  await scene.withDatabase(async (db) => {
    const storage = createB2Storage({
      keyId: env.B2_APPLICATION_KEY_ID!,
      key: env.B2_APPLICATION_KEY!,
      apiUrl: env.B2_API_URL,
      log: createLog({ level: 'silent' }),
    });
    await sweepKeys({ db, storage });
    expect(keysOfBucket()).toEqual([key]);
    const traces = await readTraces(world, db);
    expect(await traces.shapeOf(purchase)).toMatchObject({
      companies: 1,
      opportunities: 1,
      workspaces: 1,
      records: 1,
      users: 2,
      liveKeys: 1,
      liveKeyIsTheStoredOne: true,
      liveSecrets: 1,
      documentsInStorage: 2,
      documentsInWorkspace: 2,
      // The PDFs came after the welcome mail had gone without them.
      mails: 5,
    });
    for (const copies of traces.mailsOf(purchase).values()) expect(copies).toHaveLength(1);
  });
});
