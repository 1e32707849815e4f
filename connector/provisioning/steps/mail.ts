/** The mails of a run. Each names its fact, so that a repeat sends the same mail with the same links, or none. */
import { orderLink } from '../../billing/order-link.ts';
import { isOurs, mailedPasswordUrl } from '../access/invite.ts';
import type { Attachment } from '../ports.ts';
import type { StepBody, StepContext, StepDeps } from '../step.ts';
import { readDocuments } from './documents.ts';
import { storageOwner } from './storage.ts';

export const receivedMail: StepBody<'received_mail'> = async (deps, { runId, sale }) => {
  const { firstInvoice, organisation } = sale;
  const { messageId } = await deps.mailer.send({
    fact: `run_${runId}_received`,
    to: contactOf(sale),
    template: 'received',
    locale: organisation.locale,
    data: {
      name: organisation.contactName,
      organisation: organisation.name,
      project: sale.project.name,
      plan: sale.planName,
      amount: firstInvoice.amountPaid,
      currency: firstInvoice.currency,
      invoiceNumber: firstInvoice.number,
      invoiceUrl: firstInvoice.hostedUrl,
      timelineUrl: await timelineUrl(deps, sale.orderId),
    },
  });
  return { messageId };
};

export const welcomeMail: StepBody<'welcome_mail'> = async (deps, context) => {
  const { runId, sale, result, optional } = context;
  const { organisation } = sale;
  const expected = expectedDocuments(deps, context);
  const ready = expected.every((kind) => optional(kind) !== undefined);
  const attachments = ready ? await pdfs(deps, sale) : [];
  const { partnerId, hasUser } = contactPartner(context);
  const link = await deps.credentials.issue({
    fact: `run_${runId}_contact`,
    subscriptionId: sale.subscription.id,
    stakeholderId: null,
    partnerId: hasUser ? partnerId : null,
  });
  const storage = result('bucket');
  const { messageId, attached } = await deps.mailer.send({
    fact: `run_${runId}_welcome`,
    to: contactOf(sale),
    template: 'welcome',
    locale: organisation.locale,
    data: {
      name: organisation.contactName,
      organisation: organisation.name,
      project: sale.project.name,
      plan: sale.planName,
      hasUser,
      portalUrl: deps.portalUrl,
      credentialsUrl: link.url,
      expires: link.expiresAt.toISOString(),
      storage: {
        endpoint: (await deps.storage.account()).s3Endpoint,
        bucket: storage.bucketName,
        prefix: storage.prefix,
      },
      documents: expected.map((kind) => ({ kind })),
      documentsAttached: ready,
      inline: deps.credentialsDelivery === 'inline' ? await inlineAccess(deps, context) : null,
      timelineUrl: await timelineUrl(deps, sale.orderId),
    },
    attachments,
  });
  // What went with it, not what is ready now: a repeat after a crash must not take late PDFs for sent ones.
  return { messageId, attached };
};

/** The PDFs, when the welcome mail could not wait for them. */
export const documentsMail: StepBody<'documents_mail'> = async (deps, context) => {
  const { runId, sale, result } = context;
  const expected = expectedDocuments(deps, context);
  if (expected.length === 0 || result('welcome_mail').attached.length > 0) return { messageId: null };
  const { messageId } = await deps.mailer.send({
    fact: `run_${runId}_documents`,
    to: contactOf(sale),
    template: 'documents',
    locale: sale.organisation.locale,
    data: {
      name: sale.organisation.contactName,
      project: sale.project.name,
      documents: expected.map((kind) => ({ kind })),
    },
    attachments: await pdfs(deps, sale),
  });
  return { messageId };
};

/** Mailing the credentials themselves: only when the company asked for it (CREDENTIALS_DELIVERY=inline). */
async function inlineAccess(deps: StepDeps, context: StepContext): Promise<Record<string, string | null>> {
  const { sale, result } = context;
  const owner = storageOwner(sale.project.id);
  const stored = await deps.db.query<{ sealed: string }>(
    "select sealed from secrets where owner = $1 and name = 'storage_key' and revoked_at is null",
    [owner],
  );
  const { partnerId, hasUser } = contactPartner(context);
  return {
    passwordUrl: hasUser ? await mailedPasswordUrl(deps, partnerId) : null,
    keyId: result('storage_key').keyId,
    applicationKey: deps.vault.open(stored.rows[0]!.sealed, `${owner}/storage_key`),
  };
}

/** The contact may be a stakeholder too; then the account made for that person is theirs. */
function contactPartner({ sale, result }: StepContext): { partnerId: number; hasUser: boolean } {
  const address = sale.organisation.contactEmail.toLowerCase();
  const person = sale.stakeholders.find((each) => each.email.toLowerCase() === address);
  const user = result('users').users.find((each) => each.stakeholderId === person?.id);
  const { contactIds, mainContactId } = result('partner');
  const partnerId = person === undefined ? mainContactId : (contactIds[person.id] ?? mainContactId);
  return { partnerId, hasUser: isOurs(user) };
}

function expectedDocuments(deps: StepDeps, { sale }: StepContext): readonly ('bep' | 'eir')[] {
  const plan = deps.catalogue.plans.find((each) => each.key === sale.planKey);
  return plan?.provisioning.documents ?? ['bep', 'eir'];
}

async function pdfs(deps: StepDeps, sale: StepContext['sale']): Promise<readonly Attachment[]> {
  const files = await readDocuments(deps.db, sale);
  return files.map(({ fileName, content }) => ({ fileName, content, contentType: 'application/pdf' }));
}

function contactOf(sale: StepContext['sale']): { name: string; email: string } {
  return { name: sale.organisation.contactName, email: sale.organisation.contactEmail };
}

function timelineUrl(deps: StepDeps, orderId: number): Promise<string> {
  return orderLink(deps.db, { orderId, publicUrl: deps.publicUrl, vault: deps.vault });
}
