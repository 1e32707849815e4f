/** Backblaze: what the key may, until when, and how many buckets are left. */
import { listBuckets } from '../../../connector/b2/buckets.ts';
import { type B2Client, createB2Client } from '../../../connector/b2/client.ts';
import type { Check, DoctorContext } from './context.ts';
import { each, type Finding, failed, green, red, unproven, yellow } from './finding.ts';

/** `writeBucketEncryption` sets SSE-B2; what project keys are given, this key must hold itself. */
const NEEDED = [
  ...['listBuckets', 'writeBuckets', 'writeBucketEncryption', 'listKeys', 'writeKeys', 'deleteKeys'],
  ...['listFiles', 'readFiles', 'shareFiles', 'writeFiles', 'deleteFiles'],
  // When the retention of somebody who left is over.
  'deleteBuckets',
];
const TOO_MUCH = ['bypassGovernance', 'writeBucketReplications'];

// Backblaze's default per account; support raises it.
const BUCKET_LIMIT = 100;
const FEW_LEFT = 10;
const DAY_MS = 24 * 3600 * 1000;
const WARN_DAYS = 30;

interface Allowed {
  readonly capabilities: readonly string[];
  readonly bucketId: string | null;
}

export const b2: Check = {
  system: 'b2',
  needs: ['B2_'],
  async run(context) {
    const { config, log, callMs } = context;
    const client = createB2Client({ ...config.b2, log, timeoutMs: callMs });
    try {
      const { accountId } = await client.account();
      return [
        green(`account ${accountId} answers`),
        ...(await each({
          capabilities: () => capabilityFindings(client, context),
          'key expiry': () => expiryFindings(client, context),
          buckets: () => bucketFindings(client),
        })),
        unproven('that this account really makes buckets and keys', 'Run npm run test:b2 with this key.'),
      ];
    } catch (thrown) {
      return [failed('account', thrown)];
    }
  },
};

async function capabilityFindings(client: B2Client, { config }: DoctorContext): Promise<readonly Finding[]> {
  const { apiUrl } = config.b2;
  const url = apiUrl === undefined ? {} : { url: new URL('/b2api/v2/b2_authorize_account', apiUrl).href };
  const { allowed } = await client.call<{ allowed: Allowed }>('b2_authorize_account', (api, override) =>
    api.authorize({ axiosOverride: { ...override, ...url } }),
  );
  if (allowed.bucketId !== null)
    return [red('the key is restricted to one bucket', 'Make a key for the whole account.')];
  const missing = NEEDED.filter((each) => !allowed.capabilities.includes(each));
  const more = TOO_MUCH.filter((each) => allowed.capabilities.includes(each));
  return [
    missing.length === 0
      ? green('all capabilities the work needs')
      : red(`the key lacks ${missing.join(', ')}`, `Make a key with ${NEEDED.join(',')}.`),
    ...(more.length === 0
      ? []
      : [
          yellow(
            `the key also has ${more.join(', ')}, which the work never needs`,
            `Make a key with just ${NEEDED.join(',')}.`,
          ),
        ]),
  ];
}

/** The list begins at a key id, so this key, if it is listed at all, comes first; a master key is not. */
async function expiryFindings(client: B2Client, { config, now }: DoctorContext): Promise<readonly Finding[]> {
  const { keys } = await client.call<{
    keys: readonly { applicationKeyId: string; expirationTimestamp: number | null }[];
  }>('b2_list_keys', (api, axiosOverride) =>
    api.listKeys({ maxKeyCount: 1, startApplicationKeyId: config.b2.keyId, axiosOverride }),
  );
  const own = keys.find(({ applicationKeyId }) => applicationKeyId === config.b2.keyId);
  const ends = own?.expirationTimestamp ?? null;
  if (ends === null) return [green('the key has no end')];
  const days = Math.floor((ends - now().getTime()) / DAY_MS);
  const text = `the key ends on ${new Date(ends).toISOString().slice(0, 10)} (in ${days} days)`;
  return [
    days < WARN_DAYS
      ? yellow(text, 'Make a new key and set B2_APPLICATION_KEY_ID and B2_APPLICATION_KEY.')
      : green(text),
  ];
}

async function bucketFindings(client: B2Client): Promise<readonly Finding[]> {
  const used = (await listBuckets(client)).length;
  const left = BUCKET_LIMIT - used;
  const text = `${used} of ${BUCKET_LIMIT} buckets used, ${Math.max(left, 0)} left: one for each project`;
  const advice = 'Ask Backblaze’s support for a higher limit (100 is the default of an account).';
  if (left <= 0) return [red(text, advice)];
  return [left < FEW_LEFT ? yellow(text, advice) : green(text)];
}
