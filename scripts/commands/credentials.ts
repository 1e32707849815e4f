/** `cli credentials reissue|revoke`. */
import { adminClient } from './admin-client.ts';
import { argument } from './argument.ts';

export async function credentialsReissue(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const subscription = argument(argv, 'a subscription: its number or sub_…');
  const { mailed } = await adminClient(env).request<{ mailed: string[] }>(
    'POST',
    `/subscriptions/${encodeURIComponent(subscription)}/credentials/reissue`,
  );
  console.log(`New links mailed to ${mailed.join(', ')}; the old ones no longer work.`);
  return 0;
}

export async function credentialsRevoke(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const subscription = argument(argv, 'a subscription: its number or sub_…');
  const { revoked } = await adminClient(env).request<{ revoked: number }>(
    'POST',
    `/subscriptions/${encodeURIComponent(subscription)}/credentials/revoke`,
  );
  console.log(`${revoked} link(s) revoked.`);
  return 0;
}
