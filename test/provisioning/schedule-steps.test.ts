import { describe, expect, it } from 'vitest';
import type { StepRow } from '../../connector/provisioning/ledger.ts';
import { RUN_PLANS } from '../../connector/provisioning/run-plans.ts';
import { nextTurn } from '../../connector/provisioning/schedule-steps.ts';
import type { StepName } from '../../connector/provisioning/step-plan.ts';

const NOW = new Date('2026-03-01T10:00:00Z');

function row(name: StepName, change: Partial<StepRow> = {}): [StepName, StepRow] {
  return [name, { name, status: 'done', result: null, attempts: 1, retryAt: null, error: null, ...change }];
}

function turn(steps: readonly [StepName, StepRow][], startedAt = NOW) {
  const { ready, ...rest } = nextTurn({
    plan: RUN_PLANS.provision,
    steps: new Map(steps),
    running: new Set(),
    startedAt,
    now: NOW,
    softWaitMs: 60_000,
  });
  return { ready: ready.map(({ name }) => name), ...rest };
}

describe('which steps start', () => {
  it('what most steps wait for, one after another, goes first', () => {
    expect(turn([]).ready).toEqual(['partner', 'bucket', 'bep', 'eir', 'received_mail']);
  });

  it('a step whose retry is not due yet wakes the run at that moment', () => {
    const retryAt = new Date(NOW.getTime() + 5_000);
    const others = RUN_PLANS.provision.filter(({ name }) => name !== 'partner').map(({ name }) => row(name));
    expect(turn([...others, row('partner', { status: 'waiting', retryAt })])).toEqual({
      ready: [],
      wakeAt: retryAt,
      allDone: false,
    });
  });

  it('the welcome mail waits for the documents, and no longer than it may', () => {
    const made = (['received_mail', 'partner', 'opportunity', 'users', 'workspace', 'bucket'] as const).map(
      (name) => row(name),
    );
    const late = [
      ...made,
      row('storage_key'),
      row('subscription_record'),
      row('subscription_links'),
      row('stakeholder_mails'),
      ...(['bep', 'eir'] as const).map((name) =>
        row(name, { status: 'waiting', retryAt: new Date(NOW.getTime() + 3_600_000) }),
      ),
    ];
    const inTime = turn(late, new Date(NOW.getTime() - 59_000));
    expect(inTime.ready).not.toContain('welcome_mail');
    expect(inTime.wakeAt).toEqual(new Date(NOW.getTime() + 1_000));
    expect(turn(late, new Date(NOW.getTime() - 60_000)).ready).toEqual(['welcome_mail']);
  });

  it('all steps done is the end of the run', () => {
    const done = RUN_PLANS.provision.map(({ name }) => row(name));
    expect(turn(done)).toEqual({ ready: [], wakeAt: null, allDone: true });
  });
});
