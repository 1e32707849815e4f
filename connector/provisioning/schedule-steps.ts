/** Which steps of a run may start now, and when to look again: pure. */
import type { StepRow } from './ledger.ts';
import { SOFT_WAIT_MS } from './run-plans.ts';
import type { StepName, StepPlan } from './step-plan.ts';

export interface Turn {
  readonly ready: readonly StepPlan[];
  /** The next moment something may become ready by itself; null: never. */
  readonly wakeAt: Date | null;
  readonly allDone: boolean;
}

export function nextTurn(input: {
  plan: readonly StepPlan[];
  steps: ReadonlyMap<StepName, StepRow>;
  running: ReadonlySet<StepName>;
  startedAt: Date;
  now: Date;
  softWaitMs?: number | undefined;
}): Turn {
  const { plan, steps, running, now } = input;
  const preferUntil = new Date(input.startedAt.getTime() + (input.softWaitMs ?? SOFT_WAIT_MS));
  const isDone = (name: StepName): boolean => steps.get(name)?.status === 'done';
  const hasFailed = (name: StepName): boolean => steps.get(name)?.status === 'failed';
  const ready: StepPlan[] = [];
  const wakes: Date[] = [];
  for (const step of plan) {
    if (isDone(step.name) || hasFailed(step.name) || running.has(step.name)) continue;
    if (!step.needs.every(isDone)) continue;
    const retryAt = steps.get(step.name)?.retryAt ?? null;
    if (retryAt !== null && retryAt > now) {
      wakes.push(retryAt);
      continue;
    }
    const preferred = (step.prefers ?? []).every((name) => isDone(name) || hasFailed(name));
    if (!preferred && preferUntil > now) {
      wakes.push(preferUntil);
      continue;
    }
    ready.push(step);
  }
  const wakeAt = wakes.reduce<Date | null>((first, at) => (first === null || at < first ? at : first), null);
  return { ready: longestChainFirst(plan, ready), wakeAt, allDone: plan.every((step) => isDone(step.name)) };
}

/** Of steps that may start together first those that most steps, one after another, wait for. */
function longestChainFirst(plan: readonly StepPlan[], ready: readonly StepPlan[]): readonly StepPlan[] {
  const chains = new Map<StepName, number>();
  const behind = (name: StepName): number => {
    const known = chains.get(name);
    if (known !== undefined) return known;
    const waiting = plan.filter((step) => step.needs.includes(name));
    const longest = Math.max(0, ...waiting.map((step) => 1 + behind(step.name)));
    chains.set(name, longest);
    return longest;
  };
  return ready.toSorted((a, b) => behind(b.name) - behind(a.name));
}
