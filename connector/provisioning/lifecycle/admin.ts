/** What operators ask of the stages, each in its own transaction. */
import type { Database, Tx } from '../../db/database.ts';
import { type Holdable, setHold } from './hold.ts';
import { type ListedStage, listStages } from './list.ts';
import type { LifecyclePolicy } from './policy.ts';
import { renewAccess } from './renew.ts';
import { endAgain, undoEnd } from './undo.ts';

export function lifecycleAdmin(deps: {
  db: Database;
  now: () => Date;
  policy: LifecyclePolicy;
  wakeRun: (runId: string) => void;
}) {
  const { db, now, policy } = deps;
  const waking = async (work: (tx: Tx) => Promise<string>): Promise<string> => {
    const runId = await db.tx(work);
    deps.wakeRun(runId);
    return runId;
  };
  return {
    list: (filter: { all: boolean; limit: number }): Promise<readonly ListedStage[]> =>
      listStages(db, { ...filter, workspace: policy.workspace }),
    hold: (of: Holdable, reason: string | null) => setHold(db, { of, reason }),
    undo: (subscriptionId: number) => waking((tx) => undoEnd(tx, { subscriptionId })),
    renew: (subscriptionId: number) => waking((tx) => renewAccess(tx, { subscriptionId })),
    end: (subscriptionId: number) => waking((tx) => endAgain(tx, { subscriptionId, policy, now: now() })),
  };
}
