import type { VersionFacts } from './facts.ts';

export const odoo19: VersionFacts = {
  major: 19,
  groupsField: 'group_ids',
  groupUsersField: 'user_ids',
  listViewTag: 'list',
  kanbanTemplate: 'card',
  chatter: 'tag',
  apiKeysExpire: true,
  webhookAfterCommit: true,
};
