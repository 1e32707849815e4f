/** What differs between Odoo versions, as far as the connector meets it. */
export interface VersionFacts {
  readonly major: number;
  /** The groups of a user, an action, a menu. */
  readonly groupsField: 'groups_id' | 'group_ids';
  /** The users of a group. */
  readonly groupUsersField: 'users' | 'user_ids';
  /** Root tag of a list view; the other one is refused. */
  readonly listViewTag: 'tree' | 'list';
  /** Name of the template of a kanban card; up to 17 the card brings its own clickable box. */
  readonly kanbanTemplate: 'kanban-box' | 'card';
  /** How a form asks for chatter: its three fields in a `div.oe_chatter`, or `<chatter/>`, which 17 accepts and does not show. */
  readonly chatter: 'fields' | 'tag';
  /** `res.users.apikeys._generate` takes an expiration date. */
  readonly apiKeysExpire: boolean;
  /** A webhook action is sent after the commit by itself; up to 18 it is sent where it is run. */
  readonly webhookAfterCommit: boolean;
}
