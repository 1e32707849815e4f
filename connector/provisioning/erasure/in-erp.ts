/** The part of an erasure in the ERP: people leave workspaces and lose their logins, records are overwritten by policy. */
import { readSale } from '../../billing/read-sale.ts';
import type { Sql } from '../../db/database.ts';
import { hasLogin } from '../access/rows.ts';
import { usersOf } from '../access/users-of.ts';
import { usesLogins } from '../lifecycle/stages.ts';
import type { ErasureDeps } from './deps.ts';
import type { Entry } from './report.ts';
import { addressOf, organisationsOf, projectsOf, type Subject } from './subject.ts';

export async function eraseInErp(deps: ErasureDeps, subject: Subject): Promise<readonly Entry[]> {
  const mode = deps.lifecycle.erasure.partners;
  const organisations =
    subject.kind === 'organisation'
      ? [subject.organisationId]
      : await organisationsOf(deps.db, subject.email);
  const entries: Entry[] = [];
  for (const organisationId of organisations) {
    const emails = subject.kind === 'person' ? [addressOf(subject)] : null;
    const spared = emails === null ? await servedElsewhere(deps.db, organisationId) : [];
    const done = await deps.crm.anonymise({ organisationId, emails, spared, mode });
    entries.push(
      erp('portal users (archived, address taken out of the login)', 'anonymised', done.users),
      erp('our notes and activities that name them', 'anonymised', done.notes),
      mode === 'anonymise'
        ? erp('contacts, opportunities and subscription records', 'anonymised', done.records)
        : {
            ...erp('contacts, opportunities and subscription records', 'asked', done.records),
            why: 'mappings/lifecycle.json leaves them to staff',
          },
      erp('users the connector did not make', 'asked', done.leftAlone),
      {
        ...erp('people who use a project of another customer', 'kept', spared.length),
        why: 'they are served there: erased when they ask themselves, as persons',
      },
    );
  }
  return entries.filter(({ count }) => count !== 0);
}

/** Who stays comes in anew, so that the workspace lets the person out, whosever user they have. */
export async function leaveWorkspaces(deps: ErasureDeps, email: string): Promise<readonly Entry[]> {
  const address = addressOf({ email });
  const { rows } = await deps.db.query<{ id: number }>(
    `select distinct s.id from subscriptions s join stakeholders k on k.project_id = s.project_id
      where lower(trim(k.email)) = $1 and s.order_id is not null and ${usesLogins('s')} order by s.id`,
    [address],
  );
  for (const { id: subscriptionId } of rows) {
    const whole = await readSale(deps.db, { subscriptionId, catalogue: deps.catalogue });
    const stakeholders = whole.stakeholders.filter((each) => addressOf(each) !== address);
    const sale = { ...whole, stakeholders };
    const partners = await deps.crm.ensurePartners(sale);
    const { users } = await usersOf(deps, sale, partners);
    await deps.crm.ensureWorkspace(sale, { ...partners, users });
  }
  return rows.length === 0 ? [] : [erp('workspaces they were a member of', 'anonymised', rows.length)];
}

export async function eraseWorkspaces(deps: ErasureDeps, organisationId: number): Promise<readonly Entry[]> {
  let files = 0;
  for (const projectId of await projectsOf(deps.db, organisationId))
    files += (await deps.crm.removeWorkspace({ projectId })).files;
  return [erp('workspaces with their files', 'deleted', files)];
}

const erp = (what: string, action: Entry['action'], count: number): Entry => ({
  where: 'erp',
  what,
  action,
  count,
});

/** People of this organisation who may log in for another one: their one user is not ours to take. */
async function servedElsewhere(sql: Sql, organisationId: number): Promise<readonly string[]> {
  const { rows } = await sql.query<{ email: string }>(
    `select distinct lower(trim(k.email)) as email from stakeholders k
       join projects p on p.id = k.project_id
      where p.organisation_id = $1 and exists (
        select 1 from stakeholders e join subscriptions o on o.project_id = e.project_id
         where lower(trim(e.email)) = lower(trim(k.email)) and o.organisation_id <> $1
            and ${usesLogins('o')} and ${hasLogin('e')})`,
    [organisationId],
  );
  return rows.map(({ email }) => email);
}
