/** The mails to a project's team: a link to set a password, or the question whether an existing user is let in. */
import type { Stakeholder } from '../../billing/sale.ts';
import type { StakeholderUser } from '../../crm/users.ts';
import { ConnectorError } from '../../errors.ts';
import { createLimit } from '../../limit.ts';
import { askToAccept, type Invitation, invite, isOurs } from '../access/invite.ts';
import type { StepBody, StepContext } from '../step.ts';

// The mailer's pool holds as many connections: a process that dies leaves no more than these unread answers.
const MAILS_AT_ONCE = 4;

/**
 * One mail for each other stakeholder whose account is ours, some of them side by side; the contact has had the welcome
 * mail. An address that is refused keeps nobody else waiting: all others are mailed before the step fails.
 */
export const stakeholderMails: StepBody<'stakeholder_mails'> = async (deps, context) => {
  const due = mailsDue(context);
  const sent = new Map<Stakeholder, string>();
  const refusals: ConnectorError[] = [];
  const limit = createLimit(MAILS_AT_ONCE);
  let trouble: { readonly thrown: unknown } | undefined;
  const sendOne = async ({ mail, invitation }: DueMail): Promise<void> => {
    if (trouble !== undefined) return;
    try {
      sent.set(invitation.person, await mail(deps, invitation));
    } catch (thrown) {
      if (isRefusedAddress(thrown)) refusals.push(thrown);
      else trouble ??= { thrown };
    }
  };
  await Promise.all(due.map((each) => limit(() => sendOne(each))));
  if (trouble !== undefined) throw trouble.thrown;
  if (refusals[0] !== undefined) throw refusals[0];
  return { messageIds: due.map(({ invitation }) => sent.get(invitation.person)!) };
};

interface DueMail {
  readonly mail: typeof invite;
  readonly invitation: Invitation;
}

/** In the order the stakeholders were named; somebody named twice, in two roles, gets one mail. */
function mailsDue({ runId, sale, result }: StepContext): readonly DueMail[] {
  const users = new Map(result('users').users.map((user) => [user.stakeholderId, user]));
  const mailed = new Set([sale.organisation.contactEmail.toLowerCase()]);
  const due: DueMail[] = [];
  for (const person of sale.stakeholders) {
    const address = person.email.toLowerCase();
    const mail = mailFor({ user: users.get(person.id), isWelcomed: mailed.has(address) });
    if (mail === null) continue;
    mailed.add(address);
    const partnerId = result('partner').contactIds[person.id] ?? null;
    due.push({ mail, invitation: { sale, person, partnerId, fact: `run_${runId}` } });
  }
  return due;
}

/** The contact's welcome mail is no question: somebody whose user is another's is asked all the same. */
function mailFor(input: { user: StakeholderUser | undefined; isWelcomed: boolean }) {
  if (input.user?.outcome === 'needs_acceptance') return askToAccept;
  return input.isWelcomed || !isOurs(input.user) ? null : invite;
}

const REFUSED_ADDRESS: ReadonlySet<string> = new Set(['mail_refused', 'mail_address_invalid']);

function isRefusedAddress(thrown: unknown): thrown is ConnectorError {
  return thrown instanceof ConnectorError && REFUSED_ADDRESS.has(thrown.code);
}
