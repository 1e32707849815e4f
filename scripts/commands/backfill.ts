/** `cli backfill --since <date>`: fetches events Stripe could not deliver; without it, only the figures. */
import { parseArgs } from 'node:util';
import type { BackfillResult } from '../../connector/inbox/backfill.ts';
import { type AdminClient, adminClient } from './admin-client.ts';

type Answer = Partial<BackfillResult> & {
  readonly last_day: { hours: number; atStripe: number; here: number; missing: number };
};

export async function runBackfill(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: { since: { type: 'string' }, 'dry-run': flag, json: flag },
  });
  const admin = adminClient(env);
  const { since, json } = values;
  const mode = { dryRun: values['dry-run'], json };
  if (since !== undefined) return fetchMissed(admin, { since, ...mode });
  return say(await admin.request<Answer>('GET', '/backfill'), mode);
}

/** Since a date, or since the last time. @returns the exit code: 1 when events are still missing */
export async function fetchMissed(
  admin: AdminClient,
  { since, dryRun, json }: { since?: string; dryRun: boolean; json: boolean },
): Promise<number> {
  const answer = await admin.request<Answer>(
    'POST',
    '/backfill',
    { dry_run: dryRun, ...(since !== undefined && { since }) },
    { timeoutMs: 600_000 },
  );
  return say(answer, { dryRun, json });
}

function say(answer: Answer, { dryRun, json }: { dryRun: boolean; json: boolean }): number {
  const { hours, atStripe, here, missing } = answer.last_day;
  if (json) console.log(JSON.stringify(answer));
  else {
    for (const line of fetchedLines(answer, dryRun)) console.log(line);
    console.log(
      hours === 0
        ? 'No whole hour has been counted yet: whole hours are, once an hour.'
        : `last ${hours} h: ${atStripe} at Stripe, ${here} here, ${missing} missing`,
    );
  }
  return missing === 0 ? 0 : 1;
}

const NAMED = 20;

function fetchedLines({ listed, gap, customers = [] }: Answer, dryRun: boolean): string[] {
  if (listed === undefined) return [];
  const more = customers.length > NAMED ? ` and ${customers.length - NAMED} more` : '';
  const names = `${customers.slice(0, NAMED).join(', ')}${more}`;
  return [
    `${listed} event(s) listed, ${gap} had been missed.`,
    ...(customers.length > 0 ? [`${dryRun ? 'Would be read anew' : 'Read anew'}: ${names}`] : []),
    ...(dryRun ? ['Dry run: nothing was changed.'] : []),
  ];
}
