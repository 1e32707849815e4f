/** The words a run's plan is written in: kinds of run, names of steps, and what is said of each. */
import type { System } from '../errors.ts';

export type RunKind = 'provision' | 'win' | LifecycleKind;

/** What the life of a subscription asks for after its first payment. */
export type LifecycleKind = 'suspend' | 'restore' | 'change_plan' | Stage;

/** What happens after the end, in this order; each is a run of its own. */
export const STAGES = ['deprovision', 'archive_access', 'announce_deletion', 'delete_data'] as const;

export type Stage = (typeof STAGES)[number];

export interface StepPlan {
  readonly name: StepName;
  /** As the customer reads it on the timeline. */
  readonly title: string;
  /** For operators: what is true when the step is done. */
  readonly makes: string;
  /** The outside system it talks to; null: our database only. */
  readonly system: System | null;
  /** Steps that must be done before. */
  readonly needs: readonly StepName[];
  /** Steps it would rather wait for, but not longer than `SOFT_WAIT_MS` after the run's start. */
  readonly prefers?: readonly StepName[];
}

export type StepName =
  | 'received_mail'
  | 'partner'
  | 'opportunity'
  | 'workspace'
  | 'users'
  | 'bucket'
  | 'storage_key'
  | 'keys_checked'
  | 'bep'
  | 'eir'
  | 'documents_in_workspace'
  | 'documents_in_storage'
  | 'subscription_record'
  | 'subscription_links'
  | 'welcome_mail'
  | 'documents_mail'
  | 'stakeholder_mails'
  | 'note'
  | 'tidy'
  | 'opportunity_won'
  | 'storage_key_read_only'
  | 'restored_mail'
  | 'limits'
  | 'people_follow'
  | 'limits_shown'
  | 'links_revoked'
  | 'read_only_mail'
  | 'users_archived'
  | 'members_removed'
  | 'keys_revoked'
  | 'access_ends_mail'
  | 'deletion_mail'
  | 'storage_deleted'
  | 'workspace_deleted'
  | 'records_deleted'
  | 'deleted_mail';
