import type { Config } from '../../../connector/config-schema.ts';
import type { Stripe } from '../../../connector/stripe/client.ts';
import { portalChanges, portalReturnUrl } from '../../../connector/stripe/portal-configuration.ts';
import { type Finding, green, yellow } from './finding.ts';

export async function portalFindings(stripe: Stripe, config: Config): Promise<readonly Finding[]> {
  const changes = await portalChanges(stripe, portalReturnUrl(config.publicUrl));
  if (changes.length === 0) return [green('customer portal configuration')];
  return [
    yellow(
      `the customer portal is not as it should be (${changes.map(({ text }) => text).join(', ')})`,
      'Put it right: npm run cli -- setup stripe',
    ),
  ];
}
