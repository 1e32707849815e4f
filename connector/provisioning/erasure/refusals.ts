/** What is not erased, and why: somebody who is served, held, unknown, or whose data a run is writing. */
import { hasEnded } from '../../billing/has-ended.ts';
import type { Sql } from '../../db/database.ts';
import { ConnectorError } from '../../errors.ts';
import { held } from '../lifecycle/hold.ts';
import { addressOf, organisationsOf, type Subject } from './subject.ts';

/** @throws ConnectorError conflict `legal_hold`, `subscription_alive`, `person_is_contact`, `run_under_way`, absent `subject_not_found` */
export function refuse(sql: Sql, subject: Subject): Promise<void> {
  return subject.kind === 'person'
    ? refusePerson(sql, addressOf(subject))
    : refuseOrganisation(sql, subject.organisationId);
}

async function refuseOrganisation(sql: Sql, organisationId: number): Promise<void> {
  const found = await sql.query('select 1 from organisations where id = $1 and erased_at is null', [
    organisationId,
  ]);
  if (found.rowCount === 0) throw notFound();
  await refuseHeldOrganisation(sql, organisationId);
  const { rows } = await sql.query<{ providerId: string; status: string; endedAt: Date | null }>(
    `select provider_id as "providerId", status, ended_at as "endedAt" from subscriptions where organisation_id = $1`,
    [organisationId],
  );
  const alive = rows.find((each) => !hasEnded(each));
  if (alive !== undefined) throw subscriptionAlive(alive.providerId);
}

async function refusePerson(sql: Sql, address: string): Promise<void> {
  const contact = await sql.query<{ id: number }>(
    'select id from organisations where lower(trim(contact_email)) = $1 and erased_at is null limit 1',
    [address],
  );
  if (contact.rows[0] !== undefined) throw isContact(contact.rows[0].id);
  const organisations = await organisationsOf(sql, address);
  if (organisations.length === 0) throw notFound();
  for (const id of organisations) await refuseHeldOrganisation(sql, id);
  const { rowCount } = await sql.query(
    `select 1 from runs r join subscriptions s on s.id = r.subscription_id
       join stakeholders k on k.project_id = s.project_id
      where lower(trim(k.email)) = $1 and r.status in ('queued', 'running', 'waiting') limit 1`,
    [address],
  );
  if (rowCount > 0) throw runUnderWay();
}

/** @throws ConnectorError conflict `legal_hold` */
export async function refuseHeldOrganisation(sql: Sql, organisationId: number): Promise<void> {
  const { rows } = await sql.query<{ hold: string | null }>(
    `select coalesce(g.legal_hold, (select s.legal_hold from subscriptions s
        where s.organisation_id = g.id and s.legal_hold is not null limit 1)) as hold
       from organisations g where g.id = $1`,
    [organisationId],
  );
  const hold = rows[0]?.hold;
  if (hold != null) throw held(hold);
}

const conflict = (code: string, message: string, advice: string): ConnectorError =>
  new ConnectorError({ kind: 'conflict', code, message, advice });

const subscriptionAlive = (providerId: string): ConnectorError =>
  conflict(
    'subscription_alive',
    `Subscription ${providerId} lives: nobody is erased who is still served.`,
    'Cancel it first: npm run cli -- subscriptions cancel <id> --now.',
  );

const isContact = (organisationId: number): ConnectorError =>
  conflict(
    'person_is_contact',
    `This is the contact of organisation ${organisationId}, to whom invoices and keys go.`,
    'An organisation keeps the contact it bought with: once its subscriptions are over, erase the organisation.',
  );

export const runUnderWay = (): ConnectorError =>
  conflict('run_under_way', 'A run is under way that writes their data.', 'Ask again in a minute.');

export const erasureUnderWay = (): ConnectorError =>
  conflict(
    'erasure_under_way',
    'This erasure is being carried out.',
    'Look with "npm run cli -- erase list".',
  );

export const notFound = (): ConnectorError =>
  new ConnectorError({
    kind: 'absent',
    code: 'subject_not_found',
    message: 'We hold nothing of this person or organisation.',
    advice: 'Organisations have numbers here: see "npm run cli -- customers list".',
  });
