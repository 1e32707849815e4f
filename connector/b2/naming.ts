/** Names for buckets, keys and prefixes, from our own ids; and which of the two strategies a new project gets. */

export type StorageStrategy = 'bucket' | 'prefix';

// An account may have 100 buckets (b2_create_bucket). From here on new projects share one: ten stay free for what people
// make by hand and for sales under way.
const PREFIX_FROM = 90;

// 50 is the older documented maximum and every account accepts it; the newer one is 63.
const MAX_NAME = 50;

/**
 * A bucket name: 6-50 letters, digits and "-", globally unique, never starting with `b2-`.
 * The installation's uuid keeps two installations apart; a repeat of the same sale yields the same name, which is what
 * makes a creation whose answer was lost recognisable.
 * @param input.attempt 0 at first; raised when somebody else already has that name
 */
export function bucketName(input: {
  installation: string;
  projectId: number;
  projectCode: string;
  attempt?: number;
}): string {
  const attempt = input.attempt ?? 0;
  const suffix = `-p${input.projectId}-${shortId(input.installation)}${attempt === 0 ? '' : `-${attempt}`}`;
  return `cde-${slug(input.projectCode, MAX_NAME - 4 - suffix.length) || 'project'}${suffix}`;
}

/** The bucket that projects share once the account nears its limit. */
export function sharedBucketName(input: { installation: string; attempt?: number }): string {
  const attempt = input.attempt ?? 0;
  return `cde-shared-${shortId(input.installation)}${attempt === 0 ? '' : `-${attempt}`}`;
}

/** A project's folder in the shared bucket. Ends in "/", so that project 1's key does not open project 10. */
export function sharedPrefix(projectId: number): string {
  return `project-${projectId}/`;
}

/** Key names may repeat in B2, up to 100 letters, digits and "-" (b2_create_key): ours is found again by it. */
export function keyName(input: { installation: string; projectId: number }): string {
  return `cde-p${input.projectId}-${shortId(input.installation)}`;
}

/** Which strategy a new project gets; a project that has one keeps it. */
export function chooseStrategy(bucketCount: number): StorageStrategy {
  return bucketCount >= PREFIX_FROM ? 'prefix' : 'bucket';
}

function shortId(uuid: string): string {
  return uuid
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 8);
}

function slug(text: string, maxLength: number): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, Math.max(0, maxLength))
    .replace(/^-+|-+$/g, '');
}
