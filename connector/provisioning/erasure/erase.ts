/** Erasure on request: in the ERP, storage, at Stripe and last in our database, each place noted as soon as it is done. */

import { setTimeout as sleep } from 'node:timers/promises';
import { abandoned, holding, record, underWay } from './claim.ts';
import type { ErasureDeps } from './deps.ts';
import { endRuns } from './end-runs.ts';
import { countInDatabase, eraseInDatabase } from './in-database.ts';
import { eraseInErp, eraseWorkspaces, leaveWorkspaces } from './in-erp.ts';
import { eraseStorage } from './in-storage.ts';
import { refuse } from './refusals.ts';
import { type Entry, type ErasureReport, keptOf, readErasures } from './report.ts';
import { projectsOf, type Subject } from './subject.ts';

/** A large storage takes longer than a caller waits: from then on it goes on by itself. */
const ANSWER_WITHIN_MS = 20_000;

/**
 * Begun or gone on with; asked for twice, it is one erasure. A dry run counts and changes nothing.
 * @returns not finished: it goes on; see `readErasures`
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
  const id = under ?? (await record(deps.db, subject, deps.now()));
  const work = carryOut(deps, id, subject);
  const waited = new AbortController();
  // What it throws later is in its row.
  work.catch(() => {}).finally(() => waited.abort());
  await Promise.race([work, sleep(ANSWER_WITHIN_MS, undefined, { signal: waited.signal }).catch(() => {})]);
  const [row] = await readErasures(deps.db, { id, limit: 1 });
  return { id, finished: row!.finished, entries: row!.entries };
}

/** Takes up what a process that died, or an outside system that was away, has left. @returns how many */
export async function resumeErasures(deps: ErasureDeps): Promise<number> {
  const found = await abandoned(deps.db, deps.now());
  for (const { id, subject } of found) await carryOut(deps, id, subject).catch(() => {});
  return found.length;
}

async function carryOut(deps: ErasureDeps, id: number, subject: Subject): Promise<void> {
  await holding(deps, id, async (done, note) => {
    for (const [name, step] of Object.entries(stepsOf(deps, subject)))
      if (done[name] === undefined) await note(name, await step());
  });
}

type Step = () => Promise<readonly Entry[]>;

/** The ERP first: its records are found by rows of ours that the last step deletes. */
function stepsOf(deps: ErasureDeps, subject: Subject): Readonly<Record<string, Step>> {
  const erp: Step = () => deps.guard('odoo', () => eraseInErp(deps, subject));
  const database: Step = () => eraseInDatabase(deps.db, subject);
  if (subject.kind === 'person')
    return {
      workspaces: () => deps.guard('odoo', () => leaveWorkspaces(deps, subject.email)),
      erp,
      database,
    };
  const { organisationId } = subject;
  return {
    runs: async () => {
      await endRuns(deps.db, organisationId);
      return [];
    },
    storage: () => deps.guard('b2', () => eraseStorage(deps, organisationId)),
    workspaces: () => deps.guard('odoo', () => eraseWorkspaces(deps, organisationId)),
    erp,
    stripe: () => deps.guard('stripe', () => eraseAtStripe(deps, organisationId)),
    database,
  };
}

async function eraseAtStripe(deps: ErasureDeps, organisationId: number): Promise<readonly Entry[]> {
  const { rows } = await deps.db.query<{ id: string | null }>(
    'select provider_customer_id as id from organisations where id = $1',
    [organisationId],
  );
  const { id } = rows[0]!;
  if (id === null) return [];
  await deps.deleteCustomer(id);
  return [{ where: 'stripe', what: `customer ${id}`, action: 'deleted', count: 1 }];
}

async function foreseen(deps: ErasureDeps, subject: Subject): Promise<readonly Entry[]> {
  const action = deps.lifecycle.erasure.partners === 'anonymise' ? 'anonymised' : 'asked';
  const entries: Entry[] = [
    ...(await countInDatabase(deps.db, subject)),
    { where: 'erp', what: 'portal users, contacts, opportunities, subscription records', action },
  ];
  if (subject.kind === 'organisation') {
    const count = (await projectsOf(deps.db, subject.organisationId)).length;
    entries.push(
      { where: 'storage', what: 'files, buckets and keys of projects', action: 'deleted', count },
      { where: 'erp', what: 'workspaces of projects', action: 'deleted', count },
      { where: 'stripe', what: 'customer', action: 'deleted' },
    );
  }
  return [...entries, ...keptOf(subject.kind)];
}
