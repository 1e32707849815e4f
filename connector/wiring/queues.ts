/** What works through each queue: staff's requests, money without a customer, dunning, customers' lanes, runs. */
import type { createClosedSessions } from '../billing/closed-sessions.ts';
import { createDunning } from '../billing/dunning/worker.ts';
import type { ReadNotices } from '../billing/money/notices.ts';
import type { SyncCustomer } from '../billing/sync-customer.ts';
import type { Database } from '../db/database.ts';
import { createLane } from '../inbox/lane.ts';
import { createOwners } from '../inbox/owners.ts';
import { hold } from '../jobs/claim.ts';
import type { QueueDefinition } from '../jobs/jobs.ts';
import type { Log } from '../log.ts';
import { executeRun } from '../provisioning/execute-run.ts';
import { pendingRuns } from '../provisioning/gate.ts';
import type { createRunStep } from '../provisioning/run-step.ts';
import type { StepName } from '../provisioning/step-plan.ts';
import type { createMoneyReads } from '../stripe/money-reads.ts';
import type { createProviderReads } from '../stripe/reads.ts';
import type { createEffects } from './effects.ts';
import type { Guard } from './guard.ts';
import type { Systems } from './systems.ts';

interface QueueDeps {
  readonly db: Database;
  readonly systems: Systems;
  readonly requests: QueueDefinition;
  readonly reads: ReturnType<typeof createProviderReads>;
  readonly moneyReads: ReturnType<typeof createMoneyReads>;
  readonly syncCustomer: SyncCustomer;
  readonly closedSessions: ReturnType<typeof createClosedSessions>;
  readonly moneyNotices: ReadNotices;
  readonly effects: ReturnType<typeof createEffects>;
  readonly runStep: ReturnType<typeof createRunStep>;
  readonly guard: Guard;
  readonly syncNow: (customerId: string) => Promise<void>;
  readonly wakeLane: (customerId: string) => void;
  /** Lanes and runs worked on at once. */
  readonly slots: { readonly lane: number; readonly run: number } | undefined;
  /** Milliseconds the welcome mail waits for the PDFs. */
  readonly softWaitMs: number | undefined;
  readonly beforeStep: ((step: StepName) => void) | undefined;
  readonly log: Log;
  readonly now: () => Date;
}

export function createQueues(deps: QueueDeps): readonly QueueDefinition[] {
  const { db, reads, moneyReads, effects, guard, syncNow, wakeLane, slots, log, now } = deps;
  const { mailer, crm, dunningPolicy } = deps.systems;
  return [
    deps.requests,
    createOwners({
      db,
      reads: moneyReads,
      guard: (call) => guard('stripe', call),
      wakeLane,
      now,
    }),
    createDunning({
      db,
      hold,
      policy: dunningPolicy,
      reads,
      sendMail: (mail) => mailer.send(mail),
      openActivity: (activity) => crm.openCustomerActivity(activity),
      closeActivity: (activity) => crm.closeActivity(activity),
      guard,
      syncNow,
      onTransition: effects.onTransition,
      log,
      now,
    }),
    createLane({
      db,
      hold,
      log,
      now,
      syncCustomer: (input) => guard('stripe', () => deps.syncCustomer(input)),
      closedSessions: (customerId) => guard('stripe', () => deps.closedSessions(customerId)),
      moneyNotices: (customerId, named) => guard('stripe', () => deps.moneyNotices(customerId, named)),
      slots: slots?.lane ?? 8,
    }),
    {
      name: 'run',
      slots: slots?.run ?? 20,
      pending: pendingRuns,
      handle: (job) =>
        executeRun(
          {
            db,
            jobs: { hold },
            log,
            now,
            runStep: async (input) => {
              deps.beforeStep?.(input.name);
              return deps.runStep(input);
            },
            onDone: effects.onRunDone,
            onStopped: effects.onRunStopped,
            softWaitMs: deps.softWaitMs,
          },
          job,
        ),
    },
  ];
}
