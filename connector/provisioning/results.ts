/** What each step leaves in the ledger for the steps after it. */
import type { StakeholderUser } from '../crm/users.ts';
import type { DriverName } from '../crm/workspace/driver.ts';
import type { StepName } from './step-plan.ts';

export interface Folder {
  readonly path: string;
  readonly id: number;
}

export interface StepResults {
  received_mail: { messageId: string };
  partner: {
    companyId: number;
    mainContactId: number;
    contactIds: Readonly<Record<number, number>>;
    refused: readonly { field: string; reason: string }[];
  };
  opportunity: { opportunityId: number; won: boolean; amountLeftOut: boolean };
  workspace: { workspaceId: number; driver: DriverName; url: string; folders: readonly Folder[] };
  users: { users: readonly StakeholderUser[] };
  bucket: { strategy: 'bucket' | 'prefix'; bucketId: string; bucketName: string; prefix: string };
  storage_key: { keyId: string };
  keys_checked: { strayKeys: number };
  bep: DocumentResult;
  eir: DocumentResult;
  documents_in_workspace: { fileIds: readonly number[] };
  documents_in_storage: { files: readonly string[] };
  subscription_record: { recordId: number };
  subscription_links: null;
  welcome_mail: { messageId: string; attached: readonly string[] };
  documents_mail: { messageId: string | null };
  stakeholder_mails: { messageIds: readonly string[] };
  note: null;
  tidy: null;
  opportunity_won: { opportunityId: number };
  /** null: there is no storage. */
  storage_key_read_only: { keyId: string | null };
  restored_mail: { messageId: string };
  limits: { lifecycleDays: number | null; over: readonly OverLimit[] };
  people_follow: { letIn: number };
  limits_shown: null;
  links_revoked: { links: number };
  read_only_mail: { messageId: string };
  /** `needed`: by a subscription that lives. `leftAlone`: not ours, or archived by staff. */
  users_archived: { archived: number; needed: number; leftAlone: number };
  /** False: nobody from outside could see it, or it is gone. */
  members_removed: { closed: boolean };
  keys_revoked: { keys: number };
  access_ends_mail: { messageId: string };
  deletion_mail: { messageId: string };
  storage_deleted: { files: number; bucket: string | null };
  workspace_deleted: { folders: number; files: number; kept: boolean };
  records_deleted: { documents: number };
  deleted_mail: { messageId: string };
}

/** What a customer has more of than the plan includes; nothing of it is taken away. */
export interface OverLimit {
  readonly what: 'users' | 'projects' | 'storageGb' | 'versionDays';
  readonly used: number;
  readonly limit: number;
}

/** `documentId` is null when the plan does not include this document. */
export interface DocumentResult {
  readonly documentId: number | null;
  readonly fileName: string | null;
}

/** The results of the steps a step needs; a missing one is a defect of the run plan. */
export type Results = <Name extends StepName>(name: Name) => StepResults[Name];

export type OptionalResults = <Name extends StepName>(name: Name) => StepResults[Name] | undefined;
