/** Backblaze fails, is nearly full, is full, or somebody else has the name. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketName } from '../../connector/b2/naming.ts';
import { createVault } from '../../connector/secrets/vault.ts';
import { openNative } from '../contract/b2/native.ts';
import { eventually } from '../support/connector.ts';
import { startTestWorld } from '../support/sandbox.ts';
import { expectRecovers } from './recovers.ts';
import {
  buy,
  ended,
  expectLivesOnce,
  expectStopsThenRetries,
  KINDS,
  openStage,
  resultOf,
  type Stage,
} from './stage.ts';

const CALLS = [
  'b2_list_buckets',
  'b2_create_bucket',
  'b2_create_key',
  'b2_list_keys',
  'b2_get_upload_url',
  'b2_upload_file',
];

describe('Backblaze', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    await ended(stage, await buy(stage));
  });
  afterAll(() => stage?.stop());

  it.each(KINDS)('%s on each call: recovers by itself', (kind) =>
    expectRecovers(stage, { system: 'b2', kind, operations: CALLS }),
  );

  it('a session that stays refused stops nobody: it is authorised anew', async () => {
    stage.world.systems.b2.expireTokens();
    const purchase = await buy(stage);
    await expectLivesOnce(stage, purchase, await ended(stage, purchase));
  });

  it('a refused request stops the run with what to do; after a retry the customer is complete', async () => {
    stage.world.faults.add({ system: 'b2', operation: 'b2_create_key', kind: 'permanent', times: 1 });
    const purchase = await buy(stage);
    await expectStopsThenRetries(stage, purchase, {
      step: 'storage_key',
      code: 'b2_bad_request',
      advice: /Backblaze refused/,
    });
  });

  it('a key that somebody deleted while the run stood still is missed at its end, and made anew by the retry', async () => {
    stage.world.faults.add({
      system: 'bep',
      operation: 'POST /v1/documents/eir',
      kind: 'permanent',
      times: 1,
    });
    const purchase = await buy(stage);
    const stopped = await ended(stage, purchase, ['needs_attention']);
    const { keyId } = resultOf<{ keyId: string }>(stopped, 'storage_key');
    const master = await openNative({
      keyId: stage.connector.env.B2_APPLICATION_KEY_ID!,
      key: stage.connector.env.B2_APPLICATION_KEY!,
      apiUrl: stage.world.urls.b2,
    });
    await master.call('b2_delete_key', { applicationKeyId: keyId });
    const retry = () => stage.connector.admin.request('POST', `/runs/${stopped.id}/retry`);
    await retry();
    const missed = await eventually('the key is missed', async () => {
      const run = await ended(stage, purchase, ['needs_attention']);
      return run.cause?.step === 'keys_checked' && run;
    });
    expect(missed.cause).toMatchObject({
      code: 'storage_key_gone',
      advice: expect.stringContaining('new link'),
    });
    await retry();
    await expectLivesOnce(stage, purchase, await ended(stage, purchase), { late: true });
  });

  it('a bucket name that is somebody else’s: another suffix', async () => {
    const { rows } = await stage.db.query<{ uuid: string; next: number }>(
      'select uuid, (select max(id) + 1 from projects) as next from installation',
    );
    const { uuid, next } = rows[0]!;
    const wished = bucketName({ installation: uuid, projectId: next, projectCode: 'TAKEN' });
    stage.world.systems.b2.takeName(wished);
    const purchase = await buy(stage, { project: { code: 'TAKEN' } });
    const run = await ended(stage, purchase);
    expect(resultOf<{ bucketName: string }>(run, 'bucket').bucketName).toBe(`${wished}-1`);
    await expectLivesOnce(stage, purchase, run);
  });
});

interface Storage {
  readonly strategy: string;
  readonly bucketId: string;
  readonly bucketName: string;
  readonly prefix: string;
}

describe('an account near its hundred buckets', () => {
  let stage: Stage;

  beforeAll(async () => {
    const world = await startTestWorld();
    world.systems.b2.fill(95);
    stage = await openStage({ world });
  });
  afterAll(() => stage?.stop());

  const keyOf = (keyId: string) =>
    stage.world.systems.b2.keys().find((each) => each.applicationKeyId === keyId)!;

  it('customers share a bucket, each with a key that opens its own prefix alone', async () => {
    const [first, second] = [await buy(stage), await buy(stage)];
    const runs = [await ended(stage, first), await ended(stage, second)];
    const [one, two] = runs.map((run) => resultOf<Storage>(run, 'bucket'));
    expect(one).toMatchObject({ strategy: 'prefix', bucketName: two!.bucketName });
    expect(one!.prefix).not.toBe(two!.prefix);
    expect(stage.world.systems.b2.buckets()).toHaveLength(96);
    await expectLivesOnce(stage, first, runs[0]!);
    await expectLivesOnce(stage, second, runs[1]!);

    const { keyId } = resultOf<{ keyId: string }>(runs[0]!, 'storage_key');
    const key = keyOf(keyId);
    expect(key).toMatchObject({ bucketId: one!.bucketId, namePrefix: one!.prefix });
    const sealed = await stage.db.query<{ owner: string; sealed: string }>(
      `select x.owner, x.sealed from secrets x join storages t on t.secret_id = x.id where t.key_id = $1`,
      [keyId],
    );
    const { owner, sealed: text } = sealed.rows[0]!;
    const vault = createVault([stage.connector.env.CONNECTOR_SECRET!]);
    const customer = await openNative({
      keyId,
      key: vault.open(text, `${owner}/storage_key`),
      apiUrl: stage.world.urls.b2,
    });
    const list = (prefix: string) =>
      customer.call<{ files: { fileName: string }[] }>('b2_list_file_names', {
        bucketId: one!.bucketId,
        prefix,
        maxFileCount: 100,
      });
    expect((await list(one!.prefix)).files).toHaveLength(2);
    await expect(list(two!.prefix)).rejects.toThrow(/401|403/);
    await expect(list('')).rejects.toThrow(/401|403/);
    await expect(
      customer.call('b2_create_bucket', {
        accountId: customer.accountId,
        bucketName: 'not-for-customers',
        bucketType: 'allPrivate',
      }),
    ).rejects.toThrow(/401|403/);
  });

  it('customer 101 lives', async () => {
    stage.world.systems.b2.fill(100 - stage.world.systems.b2.buckets().length);
    const purchase = await buy(stage);
    const run = await ended(stage, purchase);
    expect(stage.world.systems.b2.buckets()).toHaveLength(100);
    expect(resultOf<Storage>(run, 'bucket').strategy).toBe('prefix');
    await expectLivesOnce(stage, purchase, run);
  });
});

describe('an account full of other people’s buckets', () => {
  it('the run stops and says so; with one bucket less it goes on', async () => {
    const world = await startTestWorld();
    world.systems.b2.fill(100);
    const stage = await openStage({ world });
    try {
      const purchase = await buy(stage);
      const stopped = await ended(stage, purchase, ['needs_attention']);
      expect(stopped.cause).toMatchObject({ step: 'bucket', code: 'b2_bucket_limit' });
      expect(stopped.cause!.advice).toMatch(/delete unused ones/);
      const master = await openNative({
        keyId: stage.connector.env.B2_APPLICATION_KEY_ID!,
        key: stage.connector.env.B2_APPLICATION_KEY!,
        apiUrl: world.urls.b2,
      });
      const { bucketId } = world.systems.b2.buckets()[0]!;
      await master.call('b2_delete_bucket', { accountId: master.accountId, bucketId });
      await stage.connector.admin.request('POST', `/runs/${stopped.id}/retry`);
      await expectLivesOnce(stage, purchase, await ended(stage, purchase));
    } finally {
      await stage.stop();
    }
  });
});
