/** Every moment of a run at which a process may die, as statements of its own database tell them. */

import { RUN_PLANS } from '../../connector/provisioning/run-plans.ts';
import type { RunKind } from '../../connector/provisioning/step-plan.ts';
import type { KillPoint } from './point.ts';

// One statement records what is done and what begins with it; its parameters say which is which.
const ADVANCE = "update steps set status = 'done'.*insert into steps";

/** Before, inside (the outside effect is there, the ledger row is not) and after each step. */
export function stepPoints(kind: RunKind = 'provision'): readonly KillPoint[] {
  return RUN_PLANS[kind].flatMap(({ name }): KillPoint[] => {
    const done = `"name":"${name}"`;
    return [
      { name: `before ${name}`, statement: ADVANCE, params: [`^${name}$`], when: 'committed' },
      { name: `inside ${name}`, statement: ADVANCE, params: [done], when: 'before' },
      { name: `after ${name}`, statement: ADVANCE, params: [done], when: 'committed' },
    ];
  });
}

/** Within a step, between two writes of ours, and at the run's end. */
export const INNER_POINTS: readonly KillPoint[] = [
  {
    name: '250 of received mail read, not recorded',
    statement: '^update mails set status',
    params: ['_received$'],
    when: 'before',
  },
  {
    name: '250 of welcome mail read, not recorded',
    statement: '^update mails set status',
    params: ['_welcome$'],
    when: 'before',
  },
  {
    name: 'welcome mail recorded',
    statement: '^update mails set status',
    params: ['_welcome$'],
    when: 'committed',
  },
  { name: 'bucket named, not made', statement: '^insert into storages', when: 'committed' },
  { name: 'key made, not stored', statement: '^update secrets set revoked_at', when: 'before' },
  { name: 'key stored', statement: '^update storages set key_id', when: 'committed' },
  {
    name: 'run not yet ended',
    statement: '^update runs set status = \\$2',
    params: ['^done$'],
    when: 'before',
  },
  {
    name: 'run ended, job not',
    statement: '^update runs set status = \\$2',
    params: ['^done$'],
    when: 'committed',
  },
];

/** Of the way from the webhook to the run's job. */
export const LANE_POINTS: readonly KillPoint[] = [
  {
    name: 'event not yet stored',
    statement: '^insert into events',
    params: ['^invoice.paid$', '^webhook$'],
    when: 'before',
  },
  {
    name: 'event stored, not answered',
    statement: '^insert into events',
    params: ['^invoice.paid$', '^webhook$'],
    when: 'committed',
  },
  { name: 'transition and run written, not committed', statement: '^insert into runs', when: 'before' },
  { name: 'transition committed, job not sent', statement: '^insert into runs', when: 'committed' },
];
