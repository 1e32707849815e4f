/** `cli sync <cus_…> | --all`: reads Stripe's present state anew, each customer in its lane. */
import { parseArgs } from 'node:util';
import { adminClient } from './admin-client.ts';

export async function runSync(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { all: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [customer] = positionals;
  if (values.all === (customer !== undefined)) {
    console.error('Name one customer (sync cus_…), or all of them (sync --all).');
    return 2;
  }
  const admin = adminClient(env);
  if (customer !== undefined) {
    await admin.request('POST', `/customers/${encodeURIComponent(customer)}/sync`);
    console.log(`${customer} is read anew.`);
    return 0;
  }
  const { customers } = await admin.request<{ customers: number }>('POST', '/customers/sync');
  console.log(
    `${customers} customer(s) are read anew; "connector_inbox…" figures in /metrics show the progress.`,
  );
  return 0;
}
