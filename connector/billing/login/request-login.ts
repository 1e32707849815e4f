/** A link to the billing page by mail: what somebody types proves nothing, so it goes to the organisation's own contact only. */
import type { Database, Tx } from '../../db/database.ts';
import { asConnectorError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { hashToken, newToken } from '../../secrets/token.ts';

interface LoginMailer {
  send(input: {
    fact: string;
    to: { name: string; email: string };
    template: string;
    locale: string;
    data: Record<string, unknown>;
  }): Promise<unknown>;
}

export interface LoginDeps {
  readonly db: Database;
  readonly mailer: LoginMailer;
  readonly log: Log;
  readonly now: () => Date;
  readonly publicUrl: string;
}

/** Long enough for a slow mail server and a meeting, short enough for a mailbox that is read by others. */
const LOGIN_LINK_MINUTES = 30;
// A stranger who types somebody's address again and again fills no mailbox.
const LINKS_IN_WINDOW = 3;
const WINDOW_MS = 15 * 60_000;
// One person may be the contact of several companies; nobody is of very many.
const ORGANISATIONS = 5;

interface Contact {
  readonly id: number;
  readonly name: string;
  readonly contactName: string;
  readonly contactEmail: string;
  readonly locale: string;
}

/**
 * Mails a link for each organisation with a subscription whose contact address this is; whoever asked learns nothing of it.
 * A mail that cannot be sent is logged: the customer asks again.
 */
export async function requestLogin(deps: LoginDeps, email: string): Promise<void> {
  const { rows } = await deps.db.query<Contact>(
    `select id, name, contact_name as "contactName", contact_email as "contactEmail", locale from organisations o
      where lower(contact_email) = lower($1)
        and exists (select 1 from subscriptions s where s.organisation_id = o.id)
      order by id desc limit ${ORGANISATIONS}`,
    [email],
  );
  for (const contact of rows) {
    try {
      await mailLink(deps, contact);
    } catch (thrown) {
      deps.log.warn(
        { err: asConnectorError(thrown), organisationId: contact.id },
        'a link to the billing page could not be mailed',
      );
    }
  }
}

async function mailLink(deps: LoginDeps, contact: Contact): Promise<void> {
  const token = newToken();
  const expiresAt = new Date(deps.now().getTime() + LOGIN_LINK_MINUTES * 60_000);
  const fact = `billing_login_${hashToken(token).slice(0, 32)}`;
  const made = await deps.db.tx((tx) =>
    insertLoginLink(tx, {
      fact,
      tokenHash: hashToken(token),
      organisationId: contact.id,
      expiresAt,
      now: deps.now(),
    }),
  );
  if (!made) {
    deps.log.info(
      { organisationId: contact.id },
      'enough billing links were mailed just now; no further one',
    );
    return;
  }
  await deps.mailer.send({
    fact,
    to: { name: contact.contactName, email: contact.contactEmail },
    template: 'billing-login',
    locale: contact.locale,
    data: {
      name: contact.contactName,
      organisation: contact.name,
      loginUrl: `${deps.publicUrl}/billing/login/${token}`,
      minutes: LOGIN_LINK_MINUTES,
    },
  });
}

/** @returns false: enough were made just now */
async function insertLoginLink(
  tx: Tx,
  link: { fact: string; tokenHash: string; organisationId: number; expiresAt: Date; now: Date },
): Promise<boolean> {
  // The row is the lock: two requests at once are counted one after the other.
  await tx.query('select 1 from organisations where id = $1 for update', [link.organisationId]);
  const { rowCount } = await tx.query(
    "select 1 from links where organisation_id = $1 and kind = 'billing' and created_at > $2",
    [link.organisationId, new Date(link.now.getTime() - WINDOW_MS)],
  );
  if (rowCount >= LINKS_IN_WINDOW) return false;
  await tx.query(
    `insert into links (token_hash, kind, fact, organisation_id, expires_at, created_at)
     values ($1, 'billing', $2, $3, $4, $5)`,
    [link.tokenHash, link.fact, link.organisationId, link.expiresAt, link.now],
  );
  return true;
}
