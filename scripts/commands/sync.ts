/**
 * `cli sync`: what changed at Stripe since the last time; `sync <cus_…>`: one customer; `sync --full`, `cli import`:
 * everything. Each prints its plan; with `--dry-run` that is all it does.
 */
import { parseArgs } from 'node:util';
import type { DriftRow, PassDetails, PassKind, PassRow } from '../../connector/billing/passes/rows.ts';
import type { CustomerPlan } from '../../connector/billing/plan-customer.ts';
import { type AdminClient, adminClient } from './admin-client.ts';
import { fetchMissed } from './backfill.ts';
import { customerPlanText } from './customer-plan.ts';
import { passText } from './pass-text.ts';

type Argv = readonly string[];
const flag = { type: 'boolean', default: false } as const;

interface Mode {
  readonly dryRun: boolean;
  readonly json: boolean;
}

export async function runSync(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { full: flag, customer: { type: 'string' }, 'dry-run': flag, json: flag },
    allowPositionals: true,
  });
  const customer = positionals[0] ?? values.customer;
  const mode = { dryRun: values['dry-run'], json: values.json };
  if (values.full && customer !== undefined) {
    console.error('Name one customer (sync cus_…), or all of them (sync --full), not both.');
    return 2;
  }
  const admin = adminClient(env);
  if (values.full) return follow(admin, { kind: 'full', ...mode });
  if (customer !== undefined) return syncOne(admin, { customer, ...mode });
  return fetchMissed(admin, mode);
}

export async function runImport(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: { 'dry-run': flag, json: flag } });
  return follow(adminClient(env), { kind: 'import', dryRun: values['dry-run'], json: values.json });
}

async function syncOne(admin: AdminClient, { customer, dryRun, json }: Mode & { customer: string }) {
  const { plan } = await admin.request<{ plan: CustomerPlan }>(
    'POST',
    `/customers/${encodeURIComponent(customer)}/sync`,
    { dry_run: dryRun },
  );
  console.log(json ? JSON.stringify(plan) : customerPlanText(plan, { dryRun }));
  return 0;
}

/** Begins the pass and shows it until its end; interrupted, the pass goes on in the service. */
async function follow(admin: AdminClient, { kind, dryRun, json }: Mode & { kind: PassKind }) {
  const begun = await admin.request<PassRow>('POST', '/passes', { kind, dry_run: dryRun });
  const look = () => admin.request<PassDetails>('GET', `/passes/${begun.id}`);
  const shows = !json && process.stderr.isTTY;
  let pass = await look();
  for (; pass.finishedAt === null; pass = await look()) {
    if (shows) process.stderr.write(`\r${progress(pass)}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  if (shows) process.stderr.write(`\r${progress(pass)}\n`);
  const { drifts } = await admin.request<{ drifts: DriftRow[] }>('GET', '/drifts');
  console.log(json ? JSON.stringify({ pass, drifts }) : passText(pass, drifts));
  return pass.cause === null ? 0 : 1;
}

const BAR = 24;

/** How many there are is known roughly: Stripe may have more than we do, before an import all of them. */
export function progress({ looked, expected, finishedAt }: PassRow): string {
  const share = finishedAt !== null ? 1 : Math.min(0.99, looked / Math.max(expected, looked + 100));
  const filled = Math.floor(share * BAR);
  const of = expected > looked && finishedAt === null ? ` of about ${expected}` : '';
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${looked}${of} compared`;
}
