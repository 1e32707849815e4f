import type { VersionFacts } from './facts.ts';

export const odoo17: VersionFacts = {
  major: 17,
  groupsField: 'groups_id',
  groupUsersField: 'users',
  listViewTag: 'tree',
  kanbanTemplate: 'kanban-box',
  chatter: 'fields',
  apiKeysExpire: false,
  webhookAfterCommit: false,
};
