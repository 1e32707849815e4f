/** What a key may be allowed to do (Backblaze, "Application Keys"). */

const FOR_THE_ACCOUNT = ['listKeys', 'writeKeys', 'deleteKeys', 'writeBuckets', 'deleteBuckets'];

/** A key restricted to one bucket can hold only these. */
export const BUCKET_CAPABILITIES: readonly string[] = [
  'listAllBucketNames',
  'listBuckets',
  'readBuckets',
  'readBucketEncryption',
  'writeBucketEncryption',
  'readBucketRetentions',
  'writeBucketRetentions',
  'readBucketReplications',
  'writeBucketReplications',
  'readBucketNotifications',
  'writeBucketNotifications',
  'readBucketLogging',
  'writeBucketLogging',
  'readFileRetentions',
  'writeFileRetentions',
  'readFileLegalHolds',
  'writeFileLegalHolds',
  'bypassGovernance',
  'listFiles',
  'readFiles',
  'shareFiles',
  'writeFiles',
  'deleteFiles',
];

export const CAPABILITIES: readonly string[] = [...FOR_THE_ACCOUNT, ...BUCKET_CAPABILITIES];
