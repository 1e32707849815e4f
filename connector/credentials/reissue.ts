/** New links for everybody of a subscription who has had one; the old ones end. */
import type { Database } from '../db/database.ts';
import { ConnectorError } from '../errors.ts';
import type { Credentials } from './credentials.ts';

/** What is needed of the mailer: provisioning knows this folder, not the other way round. */
export interface LinkMailer {
  send(input: {
    fact: string;
    to: { name: string; email: string };
    template: string;
    locale: string;
    data: Record<string, unknown>;
  }): Promise<unknown>;
}

interface Person {
  readonly stakeholderId: number | null;
  readonly partnerId: number | null;
  readonly name: string;
  readonly email: string;
  readonly locale: string;
  readonly project: string;
}

/**
 * @param round names this wish for new links: the same one, repeated, sends the same links (default: the moment)
 * @returns the addresses that were mailed
 * @throws ConnectorError absent `no_credentials` when nobody has had a link yet; what the mail server says otherwise
 */
export async function reissueCredentials(
  deps: { db: Database; credentials: Credentials; mailer: LinkMailer; now: () => Date },
  subscriptionId: number,
  round: string = deps.now().toISOString(),
): Promise<{ mailed: readonly string[] }> {
  const people = await readPeople(deps.db, subscriptionId);
  if (people.length === 0) throw noCredentials(subscriptionId);
  await deps.credentials.revoke({ subscriptionId, except: `reissue_${subscriptionId}_%_${round}` });
  const mailed: string[] = [];
  for (const person of people) {
    const fact = `reissue_${subscriptionId}_${person.stakeholderId ?? 'contact'}_${round}`;
    const { stakeholderId, partnerId } = person;
    const link = await deps.credentials.issue({ fact, subscriptionId, stakeholderId, partnerId });
    await deps.mailer.send({
      fact,
      to: { name: person.name, email: person.email },
      template: 'new-link',
      locale: person.locale,
      data: {
        name: person.name,
        project: person.project,
        credentialsUrl: link.url,
        expires: link.expiresAt.toISOString(),
      },
    });
    mailed.push(person.email);
  }
  return { mailed };
}

async function readPeople(db: Database, subscriptionId: number): Promise<readonly Person[]> {
  const { rows } = await db.query<Person>(
    `select distinct on (l.stakeholder_id) l.stakeholder_id as "stakeholderId", l.partner_id as "partnerId",
            coalesce(h.name, o.contact_name) as name, coalesce(h.email, o.contact_email) as email,
            o.locale, p.name as project
       from links l
       join subscriptions s on s.id = l.subscription_id
       join projects p on p.id = s.project_id
       join organisations o on o.id = s.organisation_id
       left join stakeholders h on h.id = l.stakeholder_id
      where l.subscription_id = $1 and l.kind = 'credentials'
      order by l.stakeholder_id nulls first, l.created_at desc`,
    [subscriptionId],
  );
  return rows;
}

const noCredentials = (subscriptionId: number) =>
  new ConnectorError({
    kind: 'absent',
    code: 'no_credentials',
    message: `Nobody of subscription ${subscriptionId} has had a credentials link`,
    advice: 'Check it with "cli subscriptions list"; links are first made by the provisioning run.',
  });
