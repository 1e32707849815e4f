/** What every outside system has in common: it fails for a while, and the purchase made meanwhile becomes complete by itself. */
import type { Fault } from '../../scripts/sandbox/world.ts';
import { buy, ended, expectLivesOnce, KINDS, type Once, type Stage } from './stage.ts';

/** Ways of failing that pass without a person; a key that is refused stays refused. */
export const PASSING = KINDS.filter((kind) => kind !== 'expired_token');

interface Failing {
  readonly system: Fault['system'];
  readonly kind: (typeof KINDS)[number];
  /** Each of these fails; without it whatever is asked first. */
  readonly operations?: readonly string[];
  /** How often; default: once. */
  readonly times?: number;
  readonly once?: Once;
}

/** One purchase while the system fails in this way. */
export async function expectRecovers(stage: Stage, failing: Failing): Promise<void> {
  const { system, kind, operations, times = 1, once } = failing;
  const { faults } = stage.world;
  if (kind === 'refused') faults.add({ system, kind, times: 1, forMs: 1_200 });
  else if (operations === undefined) faults.add({ system, kind, times });
  else
    for (const operation of operations) faults.add({ system, operation, kind, times, retryAfterSeconds: 1 });
  const purchase = await buy(stage);
  const run = await ended(stage, purchase);
  faults.clear();
  await expectLivesOnce(stage, purchase, run, once);
}
