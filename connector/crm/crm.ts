/** Keeping the ERP in step: what provisioning and the mirror ask of it, in their words. */
import type { Sale } from '../billing/sale.ts';
import type { Sql, Tx } from '../db/database.ts';
import { createRunAction } from './actions.ts';
import { closeActivity, openActivity } from './activities.ts';
import { type Anonymise, anonymise } from './anonymise.ts';
import { closeWorkspace } from './close-workspace.ts';
import { createCompanyAmounts } from './company-amount.ts';
import { contactsOf } from './contacts-of.ts';
import { type CustomerActivity, openCustomerActivity } from './customer-activity.ts';
import type { CrmContext, CrmDeps } from './deps.ts';
import { type DocumentFile, fileDocuments } from './documents.ts';
import { type ErpIdentity, identify } from './identify.ts';
import { createLookups } from './lookups.ts';
import { ensureOpportunityWon, type WonOpportunity } from './opportunity.ts';
import { type SweepOptions, sweepOpportunities } from './opportunity-sweep.ts';
import { ensurePartners, type Partners } from './partners.ts';
import { type AccessAnswer, changePortalAccess } from './portal-access.ts';
import { type RemovedWorkspace, removeWorkspace } from './remove-workspace.ts';
import { setPasswordUrl } from './set-password.ts';
import { leaveNotes, type StoryNote } from './story-notes.ts';
import {
  ensureSubscription,
  ensureUnordered,
  mirrorSubscription,
  type SubscriptionMirror,
} from './subscription.ts';
import { linkSubscription, type SubscriptionLinks } from './subscription-links.ts';
import { ensureUsers, type StakeholderUser, type UsersInput } from './users.ts';
import { ensureWorkspace, type Workspace, type WorkspacePeople } from './workspace.ts';

export type { CrmDeps } from './deps.ts';
export type { DocumentFile } from './documents.ts';
export type { Partners } from './partners.ts';
export type { SubscriptionMirror } from './subscription.ts';
export type { StakeholderUser, UserOutcome } from './users.ts';
export type { Workspace } from './workspace.ts';

export interface Crm {
  /** @throws ConnectorError conflict `erp_belongs_to_another_installation`, permanent `erp_not_set_up` */
  identify(installation: string | null, dashboard?: string): Promise<ErpIdentity>;
  /** Company, main contact and stakeholders in one load. */
  ensurePartners(sale: Sale): Promise<Partners>;
  /** `won` default: the first invoice had an amount. */
  ensureOpportunityWon(sale: Sale, input: { companyId: number; won?: boolean }): Promise<WonOpportunity>;
  /** Opportunities of orders that are not paid, which `wantOpportunity` has left to be shown. */
  sweepOpportunities(options: SweepOptions): Promise<void>;
  /** Called again with other people, it lets those in and the others out. */
  ensureWorkspace(sale: Sale, people: WorkspacePeople): Promise<Workspace>;
  fileDocuments(
    sale: Sale,
    input: { workspace: Pick<Workspace, 'driver' | 'folders'>; files: readonly DocumentFile[] },
  ): Promise<{ fileIds: readonly number[] }>;
  ensureUsers(sale: Sale, input: UsersInput): Promise<{ users: readonly StakeholderUser[] }>;
  ensureSubscription(
    sale: Sale,
    input: { companyId: number; opportunityId: number },
  ): Promise<{ recordId: number }>;
  /** Its workspace and storage, once they are there. */
  linkSubscription(sale: Sale, input: SubscriptionLinks): Promise<void>;
  /** A subscription without an order: staff see it, nothing is provisioned. */
  ensureUnordered(input: Parameters<typeof ensureUnordered>[1]): Promise<{ recordId: number }>;
  /** Leaves a note for the chatter of opportunity and subscription (`startOutbox` posts it): once per key on each. */
  leaveNotes(sql: Sql, input: StoryNote): Promise<void>;
  /** Once per key, until it is closed. `note` is HTML. */
  openActivity(input: {
    model: string;
    resId: number;
    key: string;
    summary: string;
    note: string;
  }): Promise<void>;
  /** On the customer's opportunity, else on the company. @returns false: the ERP has no record of them yet */
  openCustomerActivity(input: CustomerActivity): Promise<boolean>;
  closeActivity(input: { key: string }): Promise<void>;
  /** @throws ConnectorError conflict `erp_user_not_ours`, `erp_user_inactive`, `erp_user_already_logged_in` */
  setPasswordUrl(input: { partnerId: number }): Promise<string>;
  anonymise(input: Anonymise): ReturnType<typeof anonymise>;
  /** ERP ids of people's contacts that were made for this organisation. */
  contactsOf(input: Parameters<typeof contactsOf>[1]): Promise<readonly number[]>;
  /** Of portal users the connector made; everybody else is left alone. */
  changePortalAccess(input: Parameters<typeof changePortalAccess>[1]): Promise<readonly AccessAnswer[]>;
  /** It stands, without members from outside; `ensureWorkspace` lets them in again. */
  closeWorkspace(input: { projectId: number }): Promise<{ closed: boolean }>;
  /** With everything in it; one that is gone is no error. */
  removeWorkspace(input: { projectId: number; dryRun?: boolean }): Promise<RemovedWorkspace>;
  /** Leaves the state for the outbox (`startOutbox`), which writes the newest version. */
  mirrorSubscription(tx: Tx, input: SubscriptionMirror): Promise<void>;
}

export function createCrm(given: CrmDeps): Crm {
  const deps: CrmContext = { ...given, lookups: createLookups(given) };
  const runAction = createRunAction(deps.odoo);
  const amounts = createCompanyAmounts(deps);
  return {
    identify: (installation, dashboard) => identify(deps, runAction, installation, dashboard),
    ensurePartners: (sale) => ensurePartners(deps, sale),
    ensureOpportunityWon: (sale, input) => ensureOpportunityWon(deps, amounts, sale, input),
    sweepOpportunities: (options) => sweepOpportunities({ deps, runAction, amounts }, options),
    ensureWorkspace: (sale, people) => ensureWorkspace(deps, sale, people),
    fileDocuments: (sale, input) => fileDocuments(deps, sale, input),
    ensureUsers: (sale, input) => ensureUsers(runAction, sale, input),
    ensureSubscription: (sale, input) => ensureSubscription(deps, sale, input),
    linkSubscription: (sale, input) => linkSubscription(deps, sale, input),
    ensureUnordered: (input) => ensureUnordered(deps, input),
    leaveNotes: (sql, input) => leaveNotes(sql, deps.mapping, input),
    openActivity: (input) => openActivity(deps, runAction, input),
    openCustomerActivity: (input) => openCustomerActivity(deps, runAction, input),
    closeActivity: (input) => closeActivity(deps, input),
    setPasswordUrl: (input) => setPasswordUrl(runAction, input),
    anonymise: (input) => anonymise(deps, runAction, input),
    contactsOf: (input) => contactsOf(deps, input),
    changePortalAccess: (input) => changePortalAccess(runAction, input),
    closeWorkspace: (input) => closeWorkspace(deps, input),
    removeWorkspace: (input) => removeWorkspace({ db: deps.db, runAction }, input),
    mirrorSubscription: (tx, input) => mirrorSubscription(tx, deps.mapping, input),
  };
}
