/** Application keys restricted to one bucket, found again by their name. */
import { ConnectorError } from '../errors.ts';
import type { B2Client } from './client.ts';

const READ = ['listBuckets', 'listFiles', 'readFiles'];
const WRITE = [...READ, 'shareFiles', 'writeFiles', 'deleteFiles'];

// The most b2_list_keys gives at once.
const PAGE = 10_000;

interface KeyRow {
  readonly keyName: string;
  readonly applicationKeyId: string;
}

/** One that is gone already is no error. */
export async function deleteKeys(client: B2Client, keyIds: readonly string[]): Promise<void> {
  await Promise.all(keyIds.map((keyId) => deleteKey(client, keyId)));
}

/** v2 wants `bucketId`; the newer `bucketIds` would be dropped without a word and the key be good for the whole account. */
export async function createKey(
  client: B2Client,
  input: { keyName: string; bucketId: string; namePrefix?: string; readOnly?: boolean },
): Promise<{ keyId: string; applicationKey: string }> {
  const made = await client.call<{ applicationKeyId: string; applicationKey: string; bucketId?: unknown }>(
    'b2_create_key',
    (b2, axiosOverride) =>
      b2.createKey({
        keyName: input.keyName,
        bucketId: input.bucketId,
        ...(input.namePrefix !== undefined && { namePrefix: input.namePrefix }),
        capabilities: input.readOnly ? READ : WRITE,
        axiosOverride,
      }),
  );
  if (made.bucketId !== input.bucketId) {
    await deleteKey(client, made.applicationKeyId);
    throw unrestricted(input.keyName);
  }
  return { keyId: made.applicationKeyId, applicationKey: made.applicationKey };
}

/** Every live key of the account, or those of one name. */
export async function listKeys(
  client: B2Client,
  filter?: { keyName: string },
): Promise<readonly { keyId: string; keyName: string }[]> {
  const found: { keyId: string; keyName: string }[] = [];
  let start: string | undefined;
  do {
    const page = await client.call<{ keys: readonly KeyRow[]; nextApplicationKeyId: string | null }>(
      'b2_list_keys',
      (b2, axiosOverride) =>
        b2.listKeys({
          maxKeyCount: PAGE,
          ...(start !== undefined && { startApplicationKeyId: start }),
          axiosOverride,
        }),
    );
    for (const { keyName, applicationKeyId: keyId } of page.keys) {
      if (filter === undefined || keyName === filter.keyName) found.push({ keyId, keyName });
    }
    start = page.nextApplicationKeyId ?? undefined;
  } while (start !== undefined);
  return found;
}

async function deleteKey(client: B2Client, applicationKeyId: string): Promise<void> {
  try {
    await client.call('b2_delete_key', (b2, axiosOverride) =>
      b2.deleteKey({ applicationKeyId, axiosOverride }),
    );
  } catch (error) {
    // Gone already (by another owner of this work) is what was wanted; Backblaze's answer then is not documented.
    if (!(error instanceof ConnectorError) || error.kind === 'retryable') throw error;
    const live = await listKeys(client);
    if (live.some((key) => key.keyId === applicationKeyId)) throw error;
  }
}

const unrestricted = (keyName: string) =>
  new ConnectorError({
    kind: 'bug',
    code: 'b2_key_unrestricted',
    system: 'b2',
    message: `Backblaze made the key ${keyName} without the restriction to its bucket; it was deleted at once`,
    advice: 'Report this: the B2 API no longer takes a bucketId.',
  });
