/** How each outside system says who it is, so that an installation never writes to another's. */
import type { Crm } from '../crm/crm.ts';
import type { Identities } from '../provisioning/installation.ts';
import type { ObjectStorage } from '../provisioning/ports.ts';
import type { Stripe } from '../stripe/client.ts';
import { stripeCall } from '../stripe/errors.ts';

export function createIdentities(deps: {
  stripe: Stripe;
  crm: Pick<Crm, 'identify'>;
  storage: Pick<ObjectStorage, 'account'>;
  /** Of Stripe, in our mode, with a slash at its end. */
  dashboard: string;
}): Identities {
  return {
    stripe: { read: async () => (await stripeCall(() => deps.stripe.accounts.retrieveCurrent())).id },
    odoo: {
      read: async () => (await deps.crm.identify(null)).databaseUuid,
      claim: async (installation) => ({
        numbersTakenTo: (await deps.crm.identify(installation, deps.dashboard)).highestNumber,
      }),
    },
    b2: { read: async () => (await deps.storage.account()).accountId },
  };
}

/** The same port, each call of it only once its system is known to be ours: it may have been away at start. */
export function verifiedFirst<Port extends object>(port: Port, verify: () => Promise<void>): Port {
  const calls = Object.entries(port).map(([name, call]) => [
    name,
    async (...input: unknown[]) => {
      await verify();
      return (call as (...input: unknown[]) => unknown)(...input);
    },
  ]);
  return Object.fromEntries(calls) as Port;
}
