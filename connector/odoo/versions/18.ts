import type { VersionFacts } from './facts.ts';

export const odoo18: VersionFacts = {
  major: 18,
  groupsField: 'groups_id',
  groupUsersField: 'users',
  listViewTag: 'list',
  kanbanTemplate: 'card',
  chatter: 'tag',
  apiKeysExpire: true,
  webhookAfterCommit: false,
};
