/** The mails by which a stakeholder gets access: a link to set a password, or the question whether an existing user is let in. */
import type { Sale, Stakeholder } from '../../billing/sale.ts';
import type { StakeholderUser } from '../../crm/users.ts';
import { asConnectorError } from '../../errors.ts';
import type { StepDeps } from '../step.ts';

export interface Invitation {
  readonly sale: Sale;
  readonly person: Stakeholder;
  /** The person's contact in the ERP. */
  readonly partnerId: number | null;
  /** What the mail belongs to; the same fact sends the same mail, or none. */
  readonly fact: string;
}

type InviteDeps = Pick<
  StepDeps,
  'acceptances' | 'credentials' | 'credentialsDelivery' | 'crm' | 'mailer' | 'portalUrl'
>;

/** @returns the mail's Message-ID */
export async function invite(
  deps: InviteDeps,
  { sale, person, partnerId, fact }: Invitation,
): Promise<string> {
  const link = await deps.credentials.issue({
    fact: `${fact}_stakeholder_${person.id}`,
    subscriptionId: sale.subscription.id,
    stakeholderId: person.id,
    partnerId,
  });
  const inline = deps.credentialsDelivery === 'inline' && partnerId !== null;
  const passwordUrl = inline ? await mailedPasswordUrl(deps, partnerId) : null;
  const { messageId } = await deps.mailer.send({
    fact: `${fact}_access_${person.id}`,
    to: { name: person.name, email: person.email },
    template: 'access',
    locale: sale.organisation.locale,
    data: {
      ...whatFor(deps, sale, person),
      credentialsUrl: link.url,
      expires: link.expiresAt.toISOString(),
      inline: passwordUrl === null ? null : { passwordUrl },
    },
  });
  return messageId;
}

/** For CREDENTIALS_DELIVERY=inline. @returns null: the person has logged in before, for an earlier project, and has a password */
export async function mailedPasswordUrl(
  { crm }: Pick<InviteDeps, 'crm'>,
  partnerId: number,
): Promise<string | null> {
  try {
    return await crm.setPasswordUrl({ partnerId });
  } catch (thrown) {
    if (asConnectorError(thrown).code === 'erp_user_already_logged_in') return null;
    throw thrown;
  }
}

/** Asked once for each project, whatever run or pass comes by. @returns the mail's Message-ID */
export async function askToAccept(
  deps: InviteDeps,
  { sale, person, partnerId }: Invitation,
): Promise<string> {
  const fact = `acceptance_${person.id}`;
  const link = await deps.acceptances.issue({
    fact,
    subscriptionId: sale.subscription.id,
    stakeholderId: person.id,
    partnerId,
  });
  const { messageId } = await deps.mailer.send({
    fact,
    to: { name: person.name, email: person.email },
    template: 'acceptance',
    locale: sale.organisation.locale,
    data: {
      ...whatFor(deps, sale, person),
      acceptanceUrl: link.url,
      expires: link.expiresAt.toISOString(),
    },
  });
  return messageId;
}

/** Whose password we may set: a guest has one already. */
export function isOurs(user: StakeholderUser | undefined): boolean {
  return user?.outcome === 'created' || user?.outcome === 'already_ours';
}

function whatFor({ portalUrl }: InviteDeps, sale: Sale, person: Stakeholder) {
  return {
    name: person.name,
    organisation: sale.organisation.name,
    project: sale.project.name,
    role: person.role,
    portalUrl,
  };
}
