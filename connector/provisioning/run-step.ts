/** Finds a step's body, hands it the sale and the earlier results, and lets it through its system's breaker. */
import { readSale } from '../billing/read-sale.ts';
import type { Sale } from '../billing/sale.ts';
import type { System } from '../errors.ts';
import type { RunStep } from './execute-run.ts';
import type { RunRow } from './ledger.ts';
import type { StepResults } from './results.ts';
import { RUN_PLANS } from './run-plans.ts';
import type { StepBody, StepDeps } from './step.ts';
import type { StepName } from './step-plan.ts';
import { bep, eir, tidy } from './steps/documents.ts';
import { recordsDeleted, workspaceDeleted } from './steps/end-of-data.ts';
import {
  documentsInWorkspace,
  missingResult,
  note,
  opportunity,
  opportunityWon,
  partner,
  subscriptionLinks,
  subscriptionRecord,
  users,
  workspace,
} from './steps/erp.ts';
import {
  accessEndsMail,
  deletedMail,
  deletionMail,
  readOnlyMail,
  restoredMail,
} from './steps/lifecycle-mail.ts';
import { limits, limitsShown, peopleFollow } from './steps/limits.ts';
import { documentsMail, receivedMail, welcomeMail } from './steps/mail.ts';
import { linksRevoked, membersRemoved, usersArchived } from './steps/people.ts';
import { stakeholderMails } from './steps/stakeholder-mails.ts';
import { bucket, documentsInStorage, keysChecked, storageKey } from './steps/storage.ts';
import { keysRevoked, storageDeleted, storageKeyReadOnly } from './steps/storage-end.ts';

const BODIES: { readonly [Name in StepName]: StepBody<Name> } = {
  received_mail: receivedMail,
  partner,
  opportunity,
  workspace,
  users,
  bucket,
  storage_key: storageKey,
  keys_checked: keysChecked,
  bep,
  eir,
  documents_in_workspace: documentsInWorkspace,
  documents_in_storage: documentsInStorage,
  subscription_record: subscriptionRecord,
  subscription_links: subscriptionLinks,
  welcome_mail: welcomeMail,
  documents_mail: documentsMail,
  stakeholder_mails: stakeholderMails,
  note,
  tidy,
  opportunity_won: opportunityWon,
  storage_key_read_only: storageKeyReadOnly,
  restored_mail: restoredMail,
  limits,
  people_follow: peopleFollow,
  limits_shown: limitsShown,
  links_revoked: linksRevoked,
  read_only_mail: readOnlyMail,
  users_archived: usersArchived,
  members_removed: membersRemoved,
  keys_revoked: keysRevoked,
  access_ends_mail: accessEndsMail,
  deletion_mail: deletionMail,
  storage_deleted: storageDeleted,
  workspace_deleted: workspaceDeleted,
  records_deleted: recordsDeleted,
  deleted_mail: deletedMail,
};

/** @param guard lets a call through when the system can be reached and is the one this installation belongs to */
export function createRunStep(
  deps: StepDeps,
  guard: <T>(system: System, call: () => Promise<T>) => Promise<T>,
): RunStep {
  // Read once a turn of the run: its steps within seconds of each other need no fresher one.
  const sales = new WeakMap<RunRow, Promise<Sale>>();
  const saleOf = (run: RunRow): Promise<Sale> => {
    const known = sales.get(run);
    if (known !== undefined) return known;
    const reading = readSale(deps.db, { subscriptionId: run.subscriptionId, catalogue: deps.catalogue });
    sales.set(run, reading);
    reading.catch(() => sales.delete(run));
    return reading;
  };

  return async ({ run, name, results }) => {
    const sale = await saleOf(run);
    const optional = <Name extends StepName>(of: Name) => results.get(of) as StepResults[Name] | undefined;
    const result = <Name extends StepName>(of: Name): StepResults[Name] => {
      if (!results.has(of)) throw missingResult(of);
      return results.get(of) as StepResults[Name];
    };
    const body = BODIES[name] as StepBody<StepName>;
    const work = (): Promise<unknown> => body(deps, { runId: run.id, sale, result, optional });
    const system = RUN_PLANS[run.kind].find((step) => step.name === name)?.system ?? null;
    return system === null ? work() : guard(system, work);
  };
}
