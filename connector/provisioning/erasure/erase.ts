/** Erasure on request: in the ERP, storage, at Stripe and last in our database, each place noted as soon as it is done. */
import { createHash } from 'node:crypto';
import { hasEnded } from '../../billing/sync-plan.ts';
import type { Crm } from '../../crm/crm.ts';
import type { Database, Sql } from '../../db/database.ts';
import { asConnectorError, ConnectorError, type System } from '../../errors.ts';
import { noLiveJob } from '../../jobs/live.ts';
import { supersedeRuns } from '../gate.ts';
import { held } from '../lifecycle/hold.ts';
import type { LifecyclePolicy } from '../lifecycle/policy.ts';
import { callOff } from '../lifecycle/stages.ts';
import type { ObjectStorage } from '../ports.ts';
import { deleteRecords } from '../steps/end-of-data.ts';
import { deleteStorage } from '../steps/storage-end.ts';
import { KEPT, OF_ORGANISATION, OF_PERSON, type Place } from './places.ts';

export type Subject =
  | { readonly kind: 'person'; readonly email: string }
  | { readonly kind: 'organisation'; readonly organisationId: number };

export interface Entry {
  readonly where: 'database' | 'erp' | 'storage' | 'stripe';
  readonly what: string;
  readonly action: 'deleted' | 'anonymised' | 'asked' | 'kept';
  readonly count?: number;
  readonly why?: string;
}

export interface ErasureReport {
  /** null: a dry run. */
  readonly id: number | null;
  readonly finished: boolean;
  readonly entries: readonly Entry[];
}

export interface ErasureDeps {
  readonly db: Database;
  readonly crm: Pick<Crm, 'anonymise' | 'removeWorkspace'>;
  readonly storage: ObjectStorage;
  /** @throws ConnectorError conflict `subscription_alive` */
  readonly deleteCustomer: (customerId: string) => Promise<void>;
  readonly guard: <T>(system: System, call: () => Promise<T>) => Promise<T>;
  readonly lifecycle: LifecyclePolicy;
  readonly now: () => Date;
}

const LEASE_MS = 10 * 60_000;

/**
 * Begun or gone on with; asked for twice, it is one erasure. A dry run counts and changes nothing.
 * @throws ConnectorError conflict `legal_hold`, `subscription_alive`, `person_is_contact`, `erasure_under_way`,
 *   `run_under_way`, absent `subject_not_found`
 */
export async function erase(
  deps: ErasureDeps,
  input: { subject: Subject; dryRun: boolean },
): Promise<ErasureReport> {
  const { subject } = input;
  const under = await underWay(deps.db, subject);
  // One that has begun may have erased what its checks would look at.
  if (under === undefined) await refuse(deps.db, subject);
  if (input.dryRun) return { id: null, finished: false, entries: await foreseen(deps, subject) };
  const id = under ?? (await record(deps, subject));
  return carryOut(deps, id, subject);
}

/** Takes up what a process that died has left. @returns how many */
export async function resumeErasures(deps: ErasureDeps): Promise<number> {
  const { rows } = await deps.db.query<{ id: number; organisationId: number | null; email: string | null }>(
    `select id, organisation_id as "organisationId", email from erasures
      where finished_at is null and (held_until is null or held_until < $1) order by id limit 20`,
    [deps.now()],
  );
  for (const { id, organisationId, email } of rows) {
    const subject: Subject =
      organisationId === null ? { kind: 'person', email: email! } : { kind: 'organisation', organisationId };
    await carryOut(deps, id, subject).catch(() => {});
  }
  return rows.length;
}

async function carryOut(deps: ErasureDeps, id: number, subject: Subject): Promise<ErasureReport> {
  const { db } = deps;
  const now = deps.now();
  const claimed = await db.query<{ report: Record<string, readonly Entry[]> }>(
    `update erasures set held_until = $2, cause = null
      where id = $1 and finished_at is null and (held_until is null or held_until < $3) returning report`,
    [id, new Date(now.getTime() + LEASE_MS), now],
  );
  const report = { ...claimed.rows[0]?.report };
  if (claimed.rows[0] === undefined) throw underWayError();
  try {
    for (const [name, step] of Object.entries(stepsOf(deps, subject))) {
      if (report[name] !== undefined) continue;
      report[name] = await step();
      await db.query('update erasures set report = report || $2::jsonb where id = $1', [
        id,
        JSON.stringify({ [name]: report[name] }),
      ]);
    }
  } catch (thrown) {
    const { code, message } = asConnectorError(thrown);
    await db.query('update erasures set held_until = null, cause = $2::jsonb where id = $1', [
      id,
      JSON.stringify({ code, message }),
    ]);
    throw thrown;
  }
  await db.query('update erasures set finished_at = $2, email = null, held_until = null where id = $1', [
    id,
    deps.now(),
  ]);
  return { id, finished: true, entries: [...Object.values(report).flat(), ...kept(subject)] };
}

type Step = () => Promise<readonly Entry[]>;

/** The ERP first: its records are found by rows of ours that the last step deletes. */
function stepsOf(deps: ErasureDeps, subject: Subject): Readonly<Record<string, Step>> {
  const erp: Step = () => deps.guard('odoo', () => eraseInErp(deps, subject));
  if (subject.kind === 'person')
    return { erp, database: () => inDatabase(deps.db, OF_PERSON, subject.email.toLowerCase()) };
  const { organisationId } = subject;
  return {
    runs: async () => {
      await endRuns(deps.db, organisationId);
      return [];
    },
    storage: () => deps.guard('b2', () => eraseStorage(deps, organisationId)),
    workspace: () => deps.guard('odoo', () => eraseWorkspaces(deps, organisationId)),
    erp,
    stripe: () => deps.guard('stripe', () => eraseAtStripe(deps, organisationId)),
    database: () => inDatabase(deps.db, OF_ORGANISATION, organisationId),
  };
}

async function eraseInErp(deps: ErasureDeps, subject: Subject): Promise<readonly Entry[]> {
  const mode = deps.lifecycle.erasure.partners;
  const organisations =
    subject.kind === 'organisation'
      ? [subject.organisationId]
      : await organisationsOf(deps.db, subject.email);
  const entries: Entry[] = [];
  for (const organisationId of organisations) {
    const emails = subject.kind === 'person' ? [subject.email.toLowerCase()] : null;
    const done = await deps.crm.anonymise({ organisationId, emails, mode });
    entries.push(
      {
        where: 'erp',
        what: 'portal users (archived, address taken out of the login)',
        action: 'anonymised',
        count: done.users,
      },
      mode === 'anonymise'
        ? {
            where: 'erp',
            what: 'contacts, opportunities and subscription records',
            action: 'anonymised',
            count: done.records,
          }
        : {
            where: 'erp',
            what: 'contacts, opportunities and subscription records',
            action: 'asked',
            count: done.records,
            why: 'mappings/lifecycle.json leaves them to staff',
          },
      { where: 'erp', what: 'users the connector did not make', action: 'asked', count: done.leftAlone },
    );
  }
  return entries.filter(({ count }) => count !== 0);
}

async function eraseStorage(deps: ErasureDeps, organisationId: number): Promise<readonly Entry[]> {
  let files = 0;
  for (const projectId of await projectsOf(deps.db, organisationId)) {
    const { rows } = await deps.db.query<{ keyName: string }>(
      'select key_name as "keyName" from storages where project_id = $1',
      [projectId],
    );
    for (const { keyName } of rows) {
      const keys = await deps.storage.listKeys({ keyName });
      await deps.storage.deleteKeys(keys.map(({ keyId }) => keyId));
    }
    const mayGoOn = () => refuseHeldOrganisation(deps.db, organisationId);
    files += (await deleteStorage(deps, { projectId, mayGoOn })).files;
    await deleteRecords(deps, { projectId, now: deps.now() });
  }
  return [{ where: 'storage', what: 'versions of files, buckets and keys', action: 'deleted', count: files }];
}

async function eraseWorkspaces(deps: ErasureDeps, organisationId: number): Promise<readonly Entry[]> {
  let files = 0;
  for (const projectId of await projectsOf(deps.db, organisationId))
    files += (await deps.crm.removeWorkspace({ projectId })).files;
  return [{ where: 'erp', what: 'workspaces with their files', action: 'deleted', count: files }];
}

async function eraseAtStripe(deps: ErasureDeps, organisationId: number): Promise<readonly Entry[]> {
  const { rows } = await deps.db.query<{ id: string | null }>(
    'select provider_customer_id as id from organisations where id = $1',
    [organisationId],
  );
  const id = rows[0]?.id ?? null;
  if (id === null) return [];
  await deps.deleteCustomer(id);
  return [{ where: 'stripe', what: `customer ${id}`, action: 'deleted', count: 1 }];
}

/** All in one transaction: half anonymised would find nothing of the other half again. */
function inDatabase(db: Database, places: readonly Place[], subject: unknown): Promise<readonly Entry[]> {
  return db.tx(async (tx) => {
    const entries: Entry[] = [];
    for (const { what, action, erase: statement } of places) {
      const { rowCount } = await tx.query(statement, [subject]);
      if (rowCount > 0) entries.push({ where: 'database', what, action, count: rowCount });
    }
    return entries;
  });
}

async function foreseen(deps: ErasureDeps, subject: Subject): Promise<readonly Entry[]> {
  const [places, key] =
    subject.kind === 'person'
      ? [OF_PERSON, subject.email.toLowerCase()]
      : [OF_ORGANISATION, subject.organisationId];
  const entries: Entry[] = [];
  for (const { what, action, count } of places) {
    const { rows } = await deps.db.query<{ n: number }>(count, [key]);
    if (rows[0]!.n > 0) entries.push({ where: 'database', what, action, count: rows[0]!.n });
  }
  const action = deps.lifecycle.erasure.partners === 'anonymise' ? 'anonymised' : 'asked';
  entries.push({ where: 'erp', what: 'portal users, contacts, opportunities, subscription records', action });
  if (subject.kind === 'organisation') {
    const projects = (await projectsOf(deps.db, subject.organisationId)).length;
    entries.push(
      { where: 'storage', what: 'files, buckets and keys of projects', action: 'deleted', count: projects },
      { where: 'erp', what: 'workspaces of projects', action: 'deleted', count: projects },
      { where: 'stripe', what: 'customer', action: 'deleted' },
    );
  }
  return [...entries, ...kept(subject)];
}

const kept = (subject: Subject): readonly Entry[] =>
  KEPT.filter(({ where }) => subject.kind === 'organisation' || where !== 'stripe').map((each) => ({
    ...each,
    action: 'kept' as const,
  }));

async function refuse(sql: Sql, subject: Subject): Promise<void> {
  if (subject.kind === 'person') return refusePerson(sql, subject.email);
  const { organisationId } = subject;
  const found = await sql.query('select 1 from organisations where id = $1 and erased_at is null', [
    organisationId,
  ]);
  if (found.rowCount === 0) throw notFound();
  await refuseHeldOrganisation(sql, organisationId);
  const { rows } = await sql.query<{
    providerId: string;
    status: string;
    endedAt: Date | null;
    access: string;
  }>(
    `select provider_id as "providerId", status, ended_at as "endedAt", access from subscriptions where organisation_id = $1`,
    [organisationId],
  );
  const alive = rows.find((each) => !hasEnded(each));
  if (alive !== undefined) throw subscriptionAlive(alive.providerId);
}

async function refusePerson(sql: Sql, email: string): Promise<void> {
  const address = email.trim().toLowerCase();
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

async function refuseHeldOrganisation(sql: Sql, organisationId: number): Promise<void> {
  const { rows } = await sql.query<{ hold: string | null }>(
    `select coalesce(g.legal_hold, (select s.legal_hold from subscriptions s
        where s.organisation_id = g.id and s.legal_hold is not null limit 1)) as hold
       from organisations g where g.id = $1`,
    [organisationId],
  );
  const hold = rows[0]?.hold;
  if (hold != null) throw held(hold);
}

/** What the end still had to do is done here. A step that is being carried out ends first. */
async function endRuns(db: Database, organisationId: number): Promise<void> {
  const { rows } = await db.query<{ id: number }>('select id from subscriptions where organisation_id = $1', [
    organisationId,
  ]);
  await db.tx(async (tx) => {
    for (const { id: subscriptionId } of rows) {
      await supersedeRuns(tx, { subscriptionId });
      await callOff(tx, { subscriptionId, why: 'erased' });
    }
  });
  const { rowCount } = await db.query(
    `select 1 from runs r join subscriptions s on s.id = r.subscription_id
      where s.organisation_id = $1 and r.status <> 'done' and not ${noLiveJob('run', 'r.id::text')} limit 1`,
    [organisationId],
  );
  if (rowCount > 0) throw runUnderWay();
}

const projectsOf = async (sql: Sql, organisationId: number): Promise<readonly number[]> =>
  (
    await sql.query<{ id: number }>('select id from projects where organisation_id = $1 order by id', [
      organisationId,
    ])
  ).rows.map(({ id }) => id);

const organisationsOf = async (sql: Sql, email: string): Promise<readonly number[]> =>
  (
    await sql.query<{ id: number }>(
      `select distinct p.organisation_id as id from stakeholders k join projects p on p.id = k.project_id
        where lower(trim(k.email)) = $1 order by 1`,
      [email.trim().toLowerCase()],
    )
  ).rows.map(({ id }) => id);

const hashOf = (subject: Subject): string =>
  createHash('sha256')
    .update(subject.kind === 'person' ? subject.email.trim().toLowerCase() : String(subject.organisationId))
    .digest('hex');

async function underWay(sql: Sql, subject: Subject): Promise<number | undefined> {
  const { rows } = await sql.query<{ id: number }>(
    'select id from erasures where kind = $1 and subject_hash = $2 and finished_at is null',
    [subject.kind, hashOf(subject)],
  );
  return rows[0]?.id;
}

async function record({ db, now }: ErasureDeps, subject: Subject): Promise<number> {
  const { rows } = await db.query<{ id: number }>(
    `insert into erasures (kind, organisation_id, email, subject_hash, created_at) values ($1, $2, $3, $4, $5)
     on conflict (kind, subject_hash) where finished_at is null do nothing returning id`,
    [
      subject.kind,
      subject.kind === 'organisation' ? subject.organisationId : null,
      subject.kind === 'person' ? subject.email.trim().toLowerCase() : null,
      hashOf(subject),
      now(),
    ],
  );
  if (rows[0] === undefined) throw underWayError();
  return rows[0].id;
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
    'Name another contact first, or erase the organisation.',
  );

const runUnderWay = (): ConnectorError =>
  conflict('run_under_way', 'A run is under way that writes their data.', 'Ask again in a minute.');

const underWayError = (): ConnectorError =>
  conflict('erasure_under_way', 'This erasure is being carried out.', 'Ask again in a few minutes.');

const notFound = (): ConnectorError =>
  new ConnectorError({
    kind: 'absent',
    code: 'subject_not_found',
    message: 'We hold nothing of this person or organisation.',
    advice: 'Organisations have numbers here: see "npm run cli -- customers list".',
  });
