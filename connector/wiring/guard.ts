/** Lets a call of an outside system through when it can be reached and is ours, and the ERP fits the mapping. */
import type { System } from '../errors.ts';
import type { Breakers } from '../jobs/breaker.ts';
import type { Log } from '../log.ts';
import type { Installation } from '../provisioning/installation.ts';

/** @throws ConnectorError permanent `another_account`, `mapping_wrong`; retryable while the system is away */
export type Guard = <T>(system: System, call: () => Promise<T>) => Promise<T>;

export function createGuard(deps: {
  readonly breakers: Breakers;
  readonly installation: Pick<Installation, 'verify'>;
  readonly requireFittingMapping: () => Promise<void>;
}): Guard {
  const fittingMapping = onceGood(deps.requireFittingMapping);
  return (system, call) =>
    deps.breakers.run(system, async () => {
      if (system === 'stripe' || system === 'odoo' || system === 'b2') await deps.installation.verify(system);
      if (system === 'odoo') await fittingMapping();
      return call();
    });
}

/** Another account and a wrong mapping are refused before work begins; a system away is asked again before its first use. */
export async function verifyAccounts(guard: Guard, log: Log): Promise<void> {
  for (const system of ['stripe', 'odoo', 'b2'] as const) {
    try {
      await guard(system, async () => {});
    } catch (error) {
      if ((error as { kind?: unknown }).kind !== 'retryable') throw error;
      log.warn({ system, err: error }, 'could not be asked whose it is; asked again before its first use');
    }
  }
}

/** Asked until it was good once; those who come meanwhile wait for the same answer. */
function onceGood(check: () => Promise<void>): () => Promise<void> {
  let asked: Promise<void> | undefined;
  return () => {
    asked ??= check().catch((error: unknown) => {
      asked = undefined;
      throw error;
    });
    return asked;
  };
}
