/** `cli subscriptions suspensions <no or sub_…> [--lift]`: what unpaid or disputed money took away; staff give it back. */
import { parseArgs } from 'node:util';
import type { Held } from '../../connector/billing/dunning/held.ts';
import { adminClient } from './admin-client.ts';
import { argument } from './argument.ts';
import { table } from './table.ts';

export async function subscriptionsSuspensions(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { lift: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const named = argument(positionals, 'a subscription: its number or sub_…');
  const path = `/subscriptions/${encodeURIComponent(named)}/suspensions`;
  const admin = adminClient(env);
  const held = values.lift
    ? (await admin.request<{ lifted: Held[] }>('POST', `${path}/lift`)).lifted
    : (await admin.request<{ suspensions: Held[] }>('GET', path)).suspensions;
  if (values.json) console.log(JSON.stringify(held));
  else if (held.length === 0) console.log('Nothing is suspended.');
  else {
    const rows = held.map(({ about, level, since }) => [level, about, String(since).slice(0, 10)]);
    console.log(table([values.lift ? 'given back' : 'suspended', 'for', 'since'], rows));
  }
  return 0;
}
