import { expect, it } from 'vitest';
import {
  bucketName,
  chooseStrategy,
  keyName,
  sharedBucketName,
  sharedPrefix,
} from '../../connector/b2/naming.ts';

const installation = '3F2a9c10-0000-4000-8000-000000000000';
const VALID = /^(?!b2-)[a-z0-9](?:[a-z0-9-]{4,48})[a-z0-9]$/;

it.each([
  'HT-01',
  'b2-project',
  'Café Münster',
  '--',
  '',
  '🏗️🏗️',
  'مشروع',
  'x'.repeat(200),
  '<script>',
  'a\r\nb',
])('makes a valid bucket name of %j', (projectCode) => {
  for (const attempt of [0, 1, 12]) {
    const name = bucketName({ installation, projectId: 123456, projectCode, attempt });
    expect(name).toMatch(VALID);
    expect(name.length).toBeLessThanOrEqual(50);
  }
});

it('keeps projects, installations and attempts apart, and repeats itself', () => {
  const one = { installation, projectId: 7, projectCode: 'HT-01' };
  expect(bucketName(one)).toBe('cde-ht-01-p7-3f2a9c10');
  expect(bucketName({ ...one, projectId: 8 })).not.toBe(bucketName(one));
  expect(bucketName({ ...one, attempt: 1 })).toBe('cde-ht-01-p7-3f2a9c10-1');
  expect(bucketName({ ...one, installation: 'aaaaaaaa-0000' })).not.toBe(bucketName(one));
  expect(bucketName({ ...one, projectCode: 'Café' })).toBe('cde-cafe-p7-3f2a9c10');
  expect(keyName(one)).toBe('cde-p7-3f2a9c10');
  expect(sharedBucketName({ installation })).toMatch(VALID);
  expect(sharedBucketName({ installation, attempt: 2 })).toMatch(/-2$/);
});

it('ends a prefix so that project 1 does not open project 10', () => {
  expect(sharedPrefix(10).startsWith(sharedPrefix(1))).toBe(false);
});

it('shares a bucket from ninety buckets on', () => {
  expect(chooseStrategy(89)).toBe('bucket');
  expect(chooseStrategy(90)).toBe('prefix');
});
