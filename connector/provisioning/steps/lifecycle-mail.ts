/** The mails after the end, and of a return. Each says the days that hold when it is sent. */
import type { Sale } from '../../billing/sale.ts';
import type { Sql } from '../../db/database.ts';
import type { StepBody, StepContext, StepDeps } from '../step.ts';
import type { Stage } from '../step-plan.ts';

export const readOnlyMail: StepBody<'read_only_mail'> = async (deps, context) => {
  const { sale, runId, result } = context;
  const due = await dueDays(deps.db, sale.subscription.id);
  const hasKey = result('storage_key_read_only').keyId !== null;
  return send(deps, context, 'access-read-only', {
    until: due.archive_access ?? null,
    deletion: due.delete_data ?? null,
    link: hasKey ? await keyLink(deps, sale, `run_${runId}_read_only`) : null,
  });
};

export const accessEndsMail: StepBody<'access_ends_mail'> = async (deps, context) => {
  const due = await dueDays(deps.db, context.sale.subscription.id);
  return send(deps, context, 'access-ends', { deletion: due.delete_data ?? null });
};

export const deletionMail: StepBody<'deletion_mail'> = async (deps, context) => {
  const due = await dueDays(deps.db, context.sale.subscription.id);
  // Never sooner after this mail than announced: the stage moves along when this run is done.
  const earliest = new Date(deps.now().getTime() + deps.lifecycle.noticeDays * 86_400_000).toISOString();
  const day = due.delete_data ?? earliest;
  return send(deps, context, 'data-will-be-deleted', { deletion: day > earliest ? day : earliest });
};

export const deletedMail: StepBody<'deleted_mail'> = (deps, context) =>
  send(deps, context, 'data-deleted', { workspaceKept: context.result('workspace_deleted').kept });

export const restoredMail: StepBody<'restored_mail'> = async (deps, context) => {
  const { runId, sale } = context;
  const { url: credentialsUrl, expires } = await keyLink(deps, sale, `run_${runId}_restored`);
  return send(deps, context, 'access-restored', { portalUrl: deps.portalUrl, credentialsUrl, expires });
};

/** To the page that shows the contact the storage key. */
async function keyLink(deps: StepDeps, sale: Sale, fact: string): Promise<{ url: string; expires: string }> {
  const link = await deps.credentials.issue({
    fact,
    subscriptionId: sale.subscription.id,
    stakeholderId: null,
    partnerId: null,
  });
  return { url: link.url, expires: link.expiresAt.toISOString() };
}

async function send(
  deps: StepDeps,
  { runId, sale }: StepContext,
  template: string,
  data: Record<string, unknown>,
): Promise<{ messageId: string }> {
  const { organisation } = sale;
  const { messageId } = await deps.mailer.send({
    fact: `run_${runId}_${template}`,
    to: { name: organisation.contactName, email: organisation.contactEmail },
    template,
    locale: organisation.locale,
    data: {
      name: organisation.contactName,
      organisation: organisation.name,
      project: sale.project.name,
      billingUrl: `${deps.publicUrl}/billing`,
      ...data,
    },
  });
  return { messageId };
}

async function dueDays(sql: Sql, subscriptionId: number): Promise<Partial<Record<Stage, string>>> {
  const { rows } = await sql.query<{ stage: Stage; due: Date }>(
    'select stage, due_at as due from lifecycle_stages where subscription_id = $1 and cancelled is null',
    [subscriptionId],
  );
  return Object.fromEntries(rows.map(({ stage, due }) => [stage, due.toISOString()]));
}
