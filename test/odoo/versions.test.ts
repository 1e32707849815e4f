import { expect, test } from 'vitest';
import { versionFacts } from '../../connector/odoo/versions/index.ts';

test('each version has its facts; a newer one is like the newest known', () => {
  expect(versionFacts(17)).toMatchObject({
    major: 17,
    groupsField: 'groups_id',
    listViewTag: 'tree',
    apiKeysExpire: false,
  });
  expect(versionFacts(18)).toMatchObject({
    major: 18,
    groupsField: 'groups_id',
    listViewTag: 'list',
    apiKeysExpire: true,
  });
  expect(versionFacts(19)).toMatchObject({ major: 19, groupsField: 'group_ids' });
  expect(versionFacts(20)).toBe(versionFacts(19));
  expect(() => versionFacts(16)).toThrowError(expect.objectContaining({ code: 'odoo_version_unsupported' }));
});
