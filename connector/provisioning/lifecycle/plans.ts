/** The runs after the first payment: suspended, restored, another plan, and what follows the end in its stages. */
import type { LifecycleKind, StepName, StepPlan } from '../step-plan.ts';

const READ_ONLY: StepPlan = {
  name: 'storage_key_read_only',
  title: 'Storage read-only',
  makes: 'one live key of the project, which reads and does not write; older ones are deleted',
  system: 'b2',
  needs: [],
};

const LINKS_REVOKED: StepPlan = {
  name: 'links_revoked',
  title: 'Links ended',
  makes: 'credentials links mailed before open nothing any more',
  system: null,
  needs: [],
};

const KEYS_REVOKED: StepPlan = {
  name: 'keys_revoked',
  title: 'Storage keys revoked',
  makes: 'no key of the project is live at Backblaze, none is stored',
  system: 'b2',
  needs: [],
};

const LIMITS: StepPlan = {
  name: 'limits',
  title: 'Limits follow the plan',
  makes:
    'the bucket keeps old versions at least as long as the plan says; what is over its limits is counted',
  system: 'b2',
  needs: [],
};

const LIMITS_SHOWN: StepPlan = {
  name: 'limits_shown',
  title: 'Team informed of limits',
  makes: 'an activity and a note list what is over the limits, or the activity is gone',
  system: 'odoo',
  needs: ['limits'],
};

/** @param provision its steps are made again when somebody is let in again */
export function lifecyclePlans(
  provision: readonly StepPlan[],
): Readonly<Record<LifecycleKind, readonly StepPlan[]>> {
  const again = (name: StepName, needs: readonly StepName[]): StepPlan => ({
    ...provision.find((step) => step.name === name)!,
    needs,
  });
  return {
    suspend: [READ_ONLY],
    restore: [
      again('partner', []),
      again('opportunity', ['partner']),
      again('users', ['partner']),
      again('workspace', ['partner', 'users']),
      again('bucket', []),
      again('storage_key', ['bucket']),
      again('subscription_record', ['opportunity']),
      again('subscription_links', ['subscription_record', 'workspace', 'bucket']),
      {
        name: 'restored_mail',
        title: 'Access restored',
        makes: 'the contact knows, and has a link to the storage key',
        system: 'smtp',
        needs: ['users', 'workspace', 'storage_key'],
      },
      { ...LIMITS, needs: ['bucket'] },
      { ...LIMITS_SHOWN, needs: ['limits', 'opportunity'] },
      again('keys_checked', ['storage_key']),
    ],
    change_plan: [
      LIMITS,
      {
        name: 'people_follow',
        title: 'Seats follow the plan',
        makes: 'who waited for a seat has access and an invitation; nobody loses theirs',
        system: 'odoo',
        needs: [],
      },
      LIMITS_SHOWN,
    ],
    deprovision: [
      READ_ONLY,
      LINKS_REVOKED,
      {
        name: 'read_only_mail',
        title: 'Told of read-only access',
        makes: 'the contact knows until when the data can be read, and has a link to the read-only key',
        system: 'smtp',
        needs: ['storage_key_read_only', 'links_revoked'],
      },
    ],
    archive_access: [
      {
        name: 'users_archived',
        title: 'User accounts closed',
        makes: 'portal users the connector made are archived, unless another project needs them',
        system: 'odoo',
        needs: [],
      },
      {
        name: 'members_removed',
        title: 'Workspace closed',
        makes: 'nobody from outside is a member of the project’s workspace',
        system: 'odoo',
        needs: [],
      },
      KEYS_REVOKED,
      LINKS_REVOKED,
      {
        name: 'access_ends_mail',
        title: 'Told of the end of access',
        makes: 'the contact knows that access has ended and when the data will be deleted',
        system: 'smtp',
        needs: ['users_archived', 'members_removed', 'keys_revoked', 'links_revoked'],
      },
    ],
    announce_deletion: [
      {
        name: 'deletion_mail',
        title: 'Deletion announced',
        makes: 'the contact knows the day of deletion and how to return before it',
        system: 'smtp',
        needs: [],
      },
    ],
    delete_data: [
      KEYS_REVOKED,
      {
        name: 'storage_deleted',
        title: 'Storage deleted',
        makes: 'no version of a file is left, and no bucket of the project’s own',
        system: 'b2',
        needs: ['keys_revoked'],
      },
      {
        name: 'workspace_deleted',
        title: 'Workspace deleted',
        makes: 'the project’s folders and files in the ERP are gone, or kept where the mapping says so',
        system: 'odoo',
        needs: [],
      },
      {
        name: 'records_deleted',
        title: 'Records deleted',
        makes: 'our database holds neither documents nor secrets of the project; who returns begins anew',
        system: null,
        needs: ['storage_deleted', 'workspace_deleted'],
      },
      {
        name: 'deleted_mail',
        title: 'Told of the deletion',
        makes: 'the contact knows that the data are deleted',
        system: 'smtp',
        needs: ['records_deleted', 'workspace_deleted'],
      },
    ],
  };
}
