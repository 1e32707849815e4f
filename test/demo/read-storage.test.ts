import B2 from 'backblaze-b2';
import { expect, it } from 'vitest';
import { readStorage } from '../../scripts/demo/read-storage.ts';
import { startTestWorld } from '../support/sandbox.ts';

it('finds a key behind the first thousand, and no key that is gone', async () => {
  const { env } = await startTestWorld();
  const b2 = new B2({
    applicationKeyId: env.B2_APPLICATION_KEY_ID!,
    applicationKey: env.B2_APPLICATION_KEY!,
    retry: { retries: 0 },
  });
  await b2.authorize({
    axiosOverride: { url: new URL('/b2api/v2/b2_authorize_account', env.B2_API_URL).href },
  });
  const bucket = await b2.createBucket({ bucketName: 'cde-paging', bucketType: 'allPrivate' });
  const { bucketId } = bucket.data as { bucketId: string };
  const ids: string[] = [];
  for (let index = 0; index < 1005; index += 15) {
    const made = await Promise.all(
      Array.from({ length: 15 }, (_, each) =>
        b2.createKey({ capabilities: ['listFiles'], keyName: `key-${index + each}`, bucketId }),
      ),
    );
    ids.push(...made.map(({ data }) => (data as { applicationKeyId: string }).applicationKeyId));
  }
  const wanted = { bucketId, prefix: '' };
  const read = async (keyId: string) => (await readStorage(env, { ...wanted, keyId })).keyId;
  const sorted = [...ids].sort();
  for (const keyId of [sorted[0]!, sorted.at(-1)!, ids[0]!, ids.at(-1)!])
    expect(await read(keyId)).toBe(keyId);
  await b2.deleteKey({ applicationKeyId: sorted.at(-1)! });
  expect(await read(sorted.at(-1)!)).toBe('');
}, 60_000);
