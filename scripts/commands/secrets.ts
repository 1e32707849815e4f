/** `cli secrets reseal`: seals everything anew under the first CONNECTOR_SECRET of the running service. */
import { adminClient } from './admin-client.ts';

export async function secretsReseal(_argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { resealed, unreadable } = await adminClient(env).request<{
    resealed: Readonly<Record<string, number>>;
    unreadable: Readonly<Record<string, number>>;
  }>('POST', '/secrets/reseal');
  for (const [what, count] of Object.entries(resealed)) {
    const lost = unreadable[what] ?? 0;
    console.log(
      `${what.padEnd(20)} ${count} sealed anew${lost > 0 ? `, ${lost} under a secret that is gone` : ''}`,
    );
  }
  console.log('All that can be opened is under the first CONNECTOR_SECRET: the ones behind it may go.');
  return 0;
}
