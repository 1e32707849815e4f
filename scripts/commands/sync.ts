/** `cli sync <cus_…> | --full`, `cli import`: reads Stripe anew, one customer or everything it has. */
import { parseArgs } from 'node:util';
import type { DriftRow, PassKind, PassRow } from '../../connector/billing/passes/rows.ts';
import { type AdminClient, adminClient } from './admin-client.ts';
import { minute, table } from './table.ts';

type Argv = readonly string[];
const flag = { type: 'boolean', default: false } as const;

export async function runSync(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { full: flag, customer: { type: 'string' }, 'dry-run': flag, json: flag },
    allowPositionals: true,
  });
  const customer = positionals[0] ?? values.customer;
  if (values.full === (customer !== undefined)) {
    console.error('Name one customer (sync cus_…), or all of them (sync --full, --dry-run to look only).');
    return 2;
  }
  const admin = adminClient(env);
  if (values.full) return follow(admin, { kind: 'full', dryRun: values['dry-run'], json: values.json });
  await admin.request('POST', `/customers/${encodeURIComponent(customer!)}/sync`);
  console.log(`${customer} is read anew.`);
  return 0;
}

export async function runImport(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: { 'dry-run': flag, json: flag } });
  return follow(adminClient(env), { kind: 'import', dryRun: values['dry-run'], json: values.json });
}

/** Begins the pass and shows it until its end; interrupted, the pass goes on in the service. */
async function follow(
  admin: AdminClient,
  { kind, dryRun, json }: { kind: PassKind; dryRun: boolean; json: boolean },
): Promise<number> {
  let pass = await admin.request<PassRow>('POST', '/passes', { kind, dry_run: dryRun });
  const shows = !json && process.stderr.isTTY;
  while (pass.finishedAt === null) {
    if (shows) process.stderr.write(`\r${progress(pass)}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    pass = await admin.request<PassRow>('GET', `/passes/${pass.id}`);
  }
  if (shows) process.stderr.write(`\r${progress(pass)}\n`);
  const { drifts } = await admin.request<{ drifts: DriftRow[] }>('GET', '/drifts');
  if (json) console.log(JSON.stringify({ pass, drifts }));
  else print(pass, drifts);
  return pass.cause === null ? 0 : 1;
}

const BAR = 24;

/** Nobody knows how many there are before the end: the bar moves, and the number tells. */
function progress({ looked, finishedAt }: PassRow): string {
  const filled = finishedAt === null ? Math.floor(looked / 100) % (BAR + 1) : BAR;
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${looked} compared`;
}

function print(pass: PassRow, drifts: readonly DriftRow[]): void {
  console.log(
    `Pass ${pass.id}${pass.dryRun ? ' (dry run: nothing was changed)' : ''}: ${pass.looked} compared.`,
  );
  const found = Object.entries(pass.found);
  console.log(
    found.length === 0
      ? 'Everything agrees.'
      : table(
          ['found', 'how many'],
          found.map(([kind, n]) => [kind, String(n)]),
        ),
  );
  if (pass.kind === 'import') {
    const unknown = pass.found.subscription_unknown ?? 0;
    const words = pass.dryRun
      ? 'would be taken over: run "cli import"'
      : 'are taken over: see them in the ERP, where staff can have them provisioned';
    console.log(`${unknown} subscription(s) ${words}.`);
  }
  if (pass.cause !== null)
    console.log(`Stopped: ${pass.cause.message}\n→ ${pass.cause.advice ?? 'see the log'}`);
  const open = drifts.filter((each) => !each.healed);
  if (open.length > 0) {
    const rows = open.map((each) => [
      each.severity,
      each.kind,
      each.subject,
      each.customerId ?? '',
      minute(each.firstSeen),
    ]);
    console.log(`\nFor a person:\n${table(['severity', 'kind', 'subject', 'customer', 'since'], rows)}`);
  }
}
