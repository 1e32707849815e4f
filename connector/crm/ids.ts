/** Our own names of ERP records, known before Odoo's ids and before Stripe's. */
export const MODULE = 'stripe_connector';

export const externalId = {
  company: (organisationId: number) => `org_${organisationId}_partner`,
  mainContact: (organisationId: number) => `org_${organisationId}_contact`,
  contact: (stakeholderId: number) => `stakeholder_${stakeholderId}_partner`,
  opportunity: (orderId: number) => `order_${orderId}_opportunity`,
  /** The opportunity a checkout link was sent from. */
  offered: (offerId: number) => `offer_${offerId}_opportunity`,
  workspace: (projectId: number) => `project_${projectId}_workspace`,
  folder: (projectId: number, path: string) => `project_${projectId}_folder_${slug(path)}`,
  document: (projectId: number, kind: string) => `project_${projectId}_${kind}`,
  subscription: (subscriptionId: number) => `subscription_${subscriptionId}_record`,
  roleTag: (role: string) => `role_tag_${role}`,
  note: (key: string) => `note_${slug(key)}`,
  activity: (key: string) => `activity_${slug(key)}`,
};

export const qualified = (name: string): string => `${MODULE}.${name}`;

/** Letters, digits and underscores: what an external id may hold. A slash becomes two, so that no two paths of one tree meet. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .split('/')
    .map((part) => part.replace(/[^a-z0-9]+/g, '_').replace(/^_|_$/g, ''))
    .join('__');
