/** What each step leaves in the ledger for the steps after it. */
import type { StepName } from './run-plans.ts';

export interface Folder {
  readonly path: string;
  readonly id: number;
}

export interface UserResult {
  readonly stakeholderId: number;
  readonly userId: number | null;
  readonly login: string;
  readonly outcome: 'created' | 'already_ours' | 'needs_acceptance' | 'needs_staff';
  readonly reason?: string;
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
  workspace: { workspaceId: number; driver: string; folders: readonly Folder[] };
  users: { users: readonly UserResult[] };
  bucket: { strategy: 'bucket' | 'prefix'; bucketId: string; bucketName: string; prefix: string };
  storage_key: { keyId: string };
  bep: DocumentResult;
  eir: DocumentResult;
  documents_in_workspace: { attachmentIds: readonly number[] };
  documents_in_storage: { files: readonly string[] };
  subscription_record: { recordId: number };
  welcome_mail: { messageId: string; attached: readonly string[] };
  documents_mail: { messageId: string | null };
  stakeholder_mails: { messageIds: readonly string[] };
  note: null;
  tidy: { strayKeys: number };
  opportunity_won: { opportunityId: number };
}

/** `documentId` is null when the plan does not include this document. */
export interface DocumentResult {
  readonly documentId: number | null;
  readonly fileName: string | null;
}

/** The results of the steps a step needs; a missing one is a defect of the run plan. */
export type Results = <Name extends StepName>(name: Name) => StepResults[Name];

export type OptionalResults = <Name extends StepName>(name: Name) => StepResults[Name] | undefined;
