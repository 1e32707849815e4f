import { beforeAll, describe, expect, it } from 'vitest';
import { type Patient, prepared } from './stage.ts';

const NEEDED = [
  ...['listBuckets', 'writeBuckets', 'deleteBuckets', 'writeBucketEncryption', 'listKeys', 'writeKeys'],
  ...['deleteKeys'],
  ...['listFiles', 'readFiles', 'shareFiles', 'writeFiles', 'deleteFiles'],
];

let patient: Patient;
beforeAll(async () => {
  patient = await prepared();
});

/** A key made as an operator would, by the master key. */
async function makeKey(input: Record<string, unknown>): Promise<Record<string, string>> {
  const { env } = patient;
  const basic = Buffer.from(`${env.B2_APPLICATION_KEY_ID}:${env.B2_APPLICATION_KEY}`).toString('base64');
  const ask = async (operation: string, authorization: string, body?: object) => {
    const answer = await fetch(`${env.B2_API_URL}/b2api/v2/${operation}`, {
      method: 'POST',
      headers: { authorization },
      body: JSON.stringify(body ?? {}),
    });
    return (await answer.json()) as Record<string, string>;
  };
  const session = await ask('b2_authorize_account', `Basic ${basic}`);
  const { accountId, authorizationToken } = session;
  if (input.bucketName !== undefined) {
    const { bucketName, ...rest } = input;
    const bucket = await ask('b2_create_bucket', authorizationToken!, {
      ...{ accountId, bucketName, bucketType: 'allPrivate' },
    });
    input = { ...rest, bucketId: bucket.bucketId };
  }
  const made = await ask('b2_create_key', authorizationToken!, { accountId, keyName: 'made', ...input });
  return { B2_APPLICATION_KEY_ID: made.applicationKeyId!, B2_APPLICATION_KEY: made.applicationKey! };
}

const DAY_S = 86_400;

describe('doctor on Backblaze', () => {
  it('a master key works, and is too mighty', async () => {
    const seen = await patient.look();
    expect(seen.of('b2')).toEqual([
      expect.stringMatching(/^green account \w+ answers/),
      'green all capabilities the work needs',
      expect.stringMatching(/^yellow the key also has bypassGovernance/),
      'green the key has no end',
      expect.stringMatching(/^green \d of 100 buckets used/),
      expect.stringMatching(/^unproven/),
    ]);
  });

  it('a key with just what is needed is green; one that ends soon is not', async () => {
    const good = await patient.look(
      await makeKey({ capabilities: NEEDED, validDurationInSeconds: 100 * DAY_S }),
    );
    expect(good.of('b2').filter((line) => !/^(green|unproven)/.test(line))).toEqual([]);
    expect(good.of('b2')).toContainEqual(
      expect.stringMatching(/^green the key ends on .* \(in (99|100) days/),
    );
    const soon = await patient.look(
      await makeKey({ capabilities: NEEDED, validDurationInSeconds: 5 * DAY_S }),
    );
    expect(soon.of('b2')).toContainEqual(expect.stringMatching(/^yellow the key ends on .* \(in [45] days/));
  });

  it('a key that lacks a capability, one of a single bucket', async () => {
    const less = await patient.look(
      await makeKey({ capabilities: NEEDED.filter((each) => each !== 'writeBuckets') }),
    );
    expect(less.of('b2')).toContain('red the key lacks writeBuckets');
    expect(less.code).toBe(1);
    const bucket = await patient.look(
      await makeKey({ capabilities: ['listBuckets', 'listFiles'], bucketName: 'one-bucket-only' }),
    );
    expect(bucket.of('b2')).toContain('red the key is restricted to one bucket');
  });

  it('a key that is over, and one Backblaze does not know', async () => {
    const key = await makeKey({ capabilities: NEEDED, validDurationInSeconds: 60 });
    await patient.world.clock.advance(120_000);
    const over = await patient.look(key);
    expect(over.of('b2')).toEqual([expect.stringMatching(/^red account: /)]);
    expect(over.code).toBe(1);
    const unknown = await patient.look({ B2_APPLICATION_KEY: 'K005canary-of-a-b2-key' });
    expect(unknown.of('b2')).toEqual([expect.stringMatching(/^red account: /)]);
    expect(unknown.output).not.toContain('canary');
  });

  it('few buckets left, then none', async () => {
    const { b2 } = patient.world.systems;
    b2.fill(95 - b2.buckets().length);
    const few = await patient.look();
    expect(few.of('b2')).toContainEqual(expect.stringMatching(/^yellow 95 of 100 buckets used, 5 left/));
    expect(few.code).toBe(0);
    b2.fill(5);
    const none = await patient.look();
    expect(none.of('b2')).toContainEqual(expect.stringMatching(/^red 100 of 100 buckets used, 0 left/));
    expect(none.code).toBe(1);
  });
});
