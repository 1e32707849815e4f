/** The steps that talk to the ERP; the records themselves are written by `crm/`. */
import { ConnectorError } from '../../errors.ts';
import { recordAccess } from '../access/rows.ts';
import { usersOf } from '../access/users-of.ts';
import type { StepBody } from '../step.ts';
import { readDocuments } from './documents.ts';
import { storyOf } from './note.ts';

export const partner: StepBody<'partner'> = (deps, { sale }) => deps.crm.ensurePartners(sale);

export const opportunity: StepBody<'opportunity'> = async (deps, { sale, result }) => {
  // A trial has paid nothing yet: its opportunity stays open until the first money.
  const won = sale.firstInvoice.amountPaid > 0;
  const made = await deps.crm.ensureOpportunityWon(sale, { companyId: result('partner').companyId, won });
  return { ...made, won };
};

export const opportunityWon: StepBody<'opportunity_won'> = async (deps, { sale }) => {
  const { companyId } = await deps.crm.ensurePartners(sale);
  return deps.crm.ensureOpportunityWon(sale, { companyId, won: true });
};

export const workspace: StepBody<'workspace'> = (deps, { sale, result }) =>
  deps.crm.ensureWorkspace(sale, { ...result('partner'), users: result('users').users });

export const users: StepBody<'users'> = async (deps, { sale, result }) => {
  const made = await usersOf(deps, sale, result('partner'));
  await recordAccess(deps.db, { subscriptionId: sale.subscription.id, users: made.users, now: deps.now() });
  return made;
};

export const documentsInWorkspace: StepBody<'documents_in_workspace'> = async (deps, { sale, result }) => {
  const files = await readDocuments(deps.db, sale);
  return deps.crm.fileDocuments(sale, { workspace: result('workspace'), files });
};

export const subscriptionRecord: StepBody<'subscription_record'> = (deps, { sale, result }) =>
  deps.crm.ensureSubscription(sale, {
    companyId: result('partner').companyId,
    opportunityId: result('opportunity').opportunityId,
  });

export const subscriptionLinks: StepBody<'subscription_links'> = async (deps, { sale, result }) => {
  await deps.crm.linkSubscription(sale, {
    recordId: result('subscription_record').recordId,
    workspace: result('workspace'),
    bucketName: result('bucket').bucketName,
  });
  return null;
};

export const note: StepBody<'note'> = async (deps, context) => {
  const { sale } = context;
  await deps.crm.leaveNotes(deps.db, {
    subscriptionId: sale.subscription.id,
    orderId: sale.orderId,
    key: `run_${context.runId}_done`,
    html: storyOf(context),
  });
  return null;
};

/** @throws ConnectorError bug when a run plan forgot a need */
export function missingResult(name: string): ConnectorError {
  return new ConnectorError({
    kind: 'bug',
    code: 'step_result_missing',
    message: `a step asked for the result of "${name}", which it does not need according to its run plan`,
    advice: 'Report this: connector/provisioning/run-plans.ts lacks a dependency.',
  });
}
