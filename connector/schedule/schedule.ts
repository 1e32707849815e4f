/** Runs a table of recurring work by node-cron; over all instances each tick is run once. */
import cron, { type Logger, type ScheduledTask } from 'node-cron';
import type { Database } from '../db/database.ts';
import { asConnectorError, ConnectorError } from '../errors.ts';
import { claimTick } from '../jobs/tick.ts';
import type { Log } from '../log.ts';
import { within } from '../within.ts';

export interface ScheduleEntry {
  /** Stable: it names the slot row all instances share. */
  readonly name: string;
  /** Cron expression with five or six fields, in UTC. */
  readonly cron: string;
  /** What to do for the slot. Must bear being left out (a tick whose instance dies is not repeated): sweep, don't count. */
  readonly run: (slot: Date) => Promise<void>;
}

export interface Schedule {
  start(): void;
  /**
   * Ends the ticks and waits for work under way, but no longer than `deadlineMs`: what is swept or fetched again at
   * its next tick may be left in the middle.
   */
  stop(options: { deadlineMs: number }): Promise<void>;
  /** Runs an entry now, whatever its clock says (operator's command). @throws ConnectorError `unknown_schedule` */
  runNow(name: string): Promise<void>;
}

/** @throws ConnectorError `bad_cron` (a bug: the table is ours) */
export function createSchedule(deps: {
  entries: readonly ScheduleEntry[];
  db: Database;
  log: Log;
  now: () => Date;
}): Schedule {
  const { db, log } = deps;
  for (const entry of deps.entries) if (!cron.validate(entry.cron)) throw badCron(entry);
  const tasks: ScheduledTask[] = [];
  const running = new Set<Promise<void>>();

  async function tick(entry: ScheduleEntry, slot: Date): Promise<void> {
    try {
      if (!(await claimTick(db, entry.name, slot))) return;
      const begun = deps.now().getTime();
      await entry.run(slot);
      log.debug({ schedule: entry.name, slot, ms: deps.now().getTime() - begun }, 'scheduled work done');
    } catch (error) {
      log.warn(
        { err: asConnectorError(error), schedule: entry.name },
        'scheduled work failed; its next tick tries again',
      );
    }
  }

  function track(work: Promise<void>): Promise<void> {
    const tracked = work.finally(() => running.delete(tracked));
    running.add(tracked);
    return tracked;
  }

  return {
    start() {
      for (const entry of deps.entries) {
        const options = {
          name: entry.name,
          timezone: 'UTC',
          noOverlap: true,
          suppressMissedWarning: true,
          logger: cronLogger(log.child({ schedule: entry.name })),
        };
        tasks.push(cron.schedule(entry.cron, ({ date }) => track(tick(entry, date)), options));
      }
    },
    async stop({ deadlineMs }) {
      for (const task of tasks.splice(0)) await task.destroy();
      const ended = await within(deadlineMs, Promise.all(running));
      if (!ended) log.warn({ works: running.size }, 'scheduled work was left; its next tick takes it up');
    },
    async runNow(name) {
      const entry = deps.entries.find((each) => each.name === name);
      if (entry === undefined) throw unknown(name, deps.entries);
      await track(entry.run(deps.now()));
    },
  };
}

/** The library writes to the console otherwise; a tick left out because the last one still works is no news. */
function cronLogger(log: Log): Logger {
  return {
    info: (message) => log.debug(message),
    warn: (message) => log.debug(message),
    debug: (message, err) => log.debug({ err }, String(message)),
    error: (message, err) => log.warn({ err }, String(message)),
  };
}

const badCron = (entry: ScheduleEntry) =>
  new ConnectorError({
    kind: 'bug',
    code: 'bad_cron',
    message: `The schedule "${entry.name}" has no valid cron expression: ${entry.cron}`,
    advice: 'Correct the entry: five or six fields.',
  });

const unknown = (name: string, entries: readonly ScheduleEntry[]) =>
  new ConnectorError({
    kind: 'absent',
    code: 'unknown_schedule',
    message: `There is no schedule named "${name}".`,
    advice: `Choose one of: ${entries.map((entry) => entry.name).join(', ')}.`,
  });
