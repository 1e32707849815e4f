/** Buckets and files for a person's eyes. */
import { escapeHtml, page, table } from '../page.ts';
import type { Account } from './account.ts';
import { versionsOf } from './files.ts';
import type { StoredBucket } from './model.ts';

export function bucketsPage(account: Account): string {
  const buckets = account.buckets
    .all()
    .map((bucket) => [
      `<a href="/${encodeURIComponent(bucket.bucketName)}">${escapeHtml(bucket.bucketName)}</a>`,
      escapeHtml(bucket.bucketType),
      escapeHtml(bucket.defaultServerSideEncryption.mode ?? 'none'),
      String(account.files(bucket.bucketId).count()),
    ]);
  const keys = account.keys
    .all()
    .map((key) => [
      escapeHtml(key.keyName),
      escapeHtml(key.applicationKeyId),
      escapeHtml((key.bucketId && account.buckets.get(key.bucketId)?.bucketName) ?? 'whole account'),
      escapeHtml(key.namePrefix ?? ''),
      escapeHtml(key.capabilities.join(', ')),
    ]);
  return page({
    title: `Storage of account ${account.id}`,
    body: `${table(['Bucket', 'Type', 'Encryption', 'Versions'], buckets)}<h2>Keys</h2>${table(['Name', 'Id', 'Bucket', 'Prefix', 'Capabilities'], keys)}`,
  });
}

export function filesPage(account: Account, bucket: StoredBucket): string {
  const rows = versionsOf(account, bucket.bucketId).map((file) => [
    escapeHtml(file.fileName),
    escapeHtml(file.action),
    String(file.contentLength),
    escapeHtml(file.contentType),
    `<small>${escapeHtml(file.contentSha1)}</small>`,
    new Date(file.uploadTimestamp).toISOString(),
  ]);
  const { lifecycleRules, corsRules } = bucket;
  return page({
    title: bucket.bucketName,
    body: `<p><a href="/">All buckets</a></p>${table(['File', 'Action', 'Bytes', 'Type', 'SHA-1', 'At'], rows)}
<h2>Settings</h2><pre>${escapeHtml(JSON.stringify({ lifecycleRules, corsRules }, null, 2))}</pre>`,
  });
}
