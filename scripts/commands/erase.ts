/** `cli erase person <email> | organisation <no> | list | show <id>`: erasure on request, with its report (--dry-run, --json). */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Entry, ErasureReport, ErasureRow } from '../../connector/provisioning/erasure/report.ts';
import { type AdminClient, adminClient } from './admin-client.ts';
import { argument } from './argument.ts';
import { table } from './table.ts';

type Argv = readonly string[];

const LOOK_EVERY_MS = 2_000;

export const erasePerson = (argv: Argv, env: NodeJS.ProcessEnv): Promise<number> =>
  erase(argv, env, { what: 'an e-mail address', subject: (email) => ({ email }) });

export const eraseOrganisation = (argv: Argv, env: NodeJS.ProcessEnv): Promise<number> =>
  erase(argv, env, {
    what: 'an organisation’s number',
    subject: (named) => ({ organisation: Number(named.replace(/^org_/, '')) }),
  });

export async function eraseList(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { json: { type: 'boolean', default: false } },
  });
  const { erasures } = await adminClient(env).request<{ erasures: ErasureRow[] }>('GET', '/erasures');
  if (values.json) console.log(JSON.stringify(erasures));
  else {
    const rows = erasures.map((each) => [
      String(each.id),
      each.organisationId === null ? each.kind : `${each.kind} ${each.organisationId}`,
      String(each.createdAt).slice(0, 16).replace('T', ' '),
      stateOf(each),
    ]);
    console.log(table(['no', 'of', 'asked (UTC)', 'state'], rows));
  }
  return 0;
}

export async function eraseShow(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const row = await show(adminClient(env), argument(positionals, 'an erasure’s number'));
  if (values.json) console.log(JSON.stringify(row));
  else console.log(`${stateOf(row)}\n${report(row.entries, 'was')}`);
  return 0;
}

/** @returns 1: it could not go on yet */
async function erase(
  argv: Argv,
  env: NodeJS.ProcessEnv,
  { what, subject }: { what: string; subject: (named: string) => object },
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: {
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const admin = adminClient(env);
  const dryRun = values['dry-run'];
  let done: ErasureReport & { readonly cause?: ErasureRow['cause'] } = await admin.request<ErasureReport>(
    'POST',
    '/erasures',
    { ...subject(argument(positionals, what)), dry_run: dryRun },
  );
  // A large storage takes its time; the connector goes on whether this waits or not.
  while (!dryRun && !done.finished && done.cause == null) {
    await sleep(LOOK_EVERY_MS);
    done = await show(admin, String(done.id));
  }
  if (values.json) console.log(JSON.stringify(done));
  else console.log(report(done.entries, dryRun ? 'would be' : 'was'));
  if (done.cause == null) return 0;
  console.error(`Erasure ${done.id} has stopped and is tried again by itself: ${done.cause.message}`);
  return 1;
}

const show = (admin: AdminClient, id: string): Promise<ErasureRow> =>
  admin.request<ErasureRow>('GET', `/erasures/${encodeURIComponent(id)}`);

const stateOf = ({ finishedAt, cause }: ErasureRow): string =>
  finishedAt !== null
    ? `finished ${String(finishedAt).slice(0, 16).replace('T', ' ')}`
    : cause === null
      ? 'under way'
      : `tried again by itself: ${cause.message}`;

const report = (entries: readonly Entry[], verb: string): string =>
  table(
    ['where', 'what', verb, 'count', 'why'],
    entries.map((each) => [
      each.where,
      each.what,
      each.action,
      each.count === undefined ? '' : String(each.count),
      each.why ?? '',
    ]),
  );
