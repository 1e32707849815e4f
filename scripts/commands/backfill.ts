/** `cli backfill --since <date>`: fetches events Stripe could not deliver; without it, only the figures. */
import { parseArgs } from 'node:util';
import { adminClient } from './admin-client.ts';

interface Answer {
  readonly listed?: number;
  readonly gap?: number;
  readonly last_day: { hours: number; atStripe: number; here: number; missing: number };
}

export async function runBackfill(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { since: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const admin = adminClient(env);
  const { since } = values;
  const answer =
    since === undefined
      ? await admin.request<Answer>('GET', '/backfill')
      : await admin.request<Answer>('POST', '/backfill', { since }, { timeoutMs: 600_000 });
  if (values.json) {
    console.log(JSON.stringify(answer));
    return 0;
  }
  if (answer.listed !== undefined)
    console.log(`${answer.listed} event(s) listed, ${answer.gap} had been missed.`);
  const { hours, atStripe, here, missing } = answer.last_day;
  console.log(`last ${hours} h: ${atStripe} at Stripe, ${here} here, ${missing} missing`);
  return missing === 0 ? 0 : 1;
}
