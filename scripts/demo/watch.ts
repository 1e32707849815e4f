/** Shows the run's steps as they are done: a redrawn block on a terminal, plain lines when piped. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectorError } from '../../connector/errors.ts';
import type { RunDetails } from '../../connector/provisioning/runs.ts';
import type { AdminClient } from '../commands/admin-client.ts';

const POLL_MS = 150;
const GIVE_UP_MS = 300_000;
const ENDED: ReadonlySet<string> = new Set(['done', 'needs_attention', 'superseded']);

/** @returns the newest run, ended. @throws ConnectorError permanent `demo_too_slow` after five minutes */
export async function watchRun(input: {
  admin: AdminClient;
  /** How wide it is now; left out: piped. */
  columns?: (() => number) | undefined;
  write: (text: string) => void;
}): Promise<RunDetails> {
  const show = input.columns ? redrawing(input.write, input.columns) : appending(input.write);
  for (let waited = 0; waited < GIVE_UP_MS; waited += POLL_MS) {
    const run = await newestRun(input.admin);
    if (run !== undefined) {
      show(run);
      if (ENDED.has(run.status)) return run;
    }
    await sleep(POLL_MS);
  }
  throw new ConnectorError({
    kind: 'permanent',
    code: 'demo_too_slow',
    message: 'no run ended within five minutes',
  });
}

async function newestRun(admin: AdminClient): Promise<RunDetails | undefined> {
  const { runs } = await admin.request<{ runs: { id: string }[] }>('GET', '/runs?limit=1');
  return runs[0] === undefined ? undefined : admin.request<RunDetails>('GET', `/runs/${runs[0].id}`);
}

type Step = RunDetails['steps'][number];

function appending(write: (text: string) => void): (run: RunDetails) => void {
  const told = new Set<string>();
  return (run) => {
    for (const step of run.steps) {
      const news = `${step.name}:${step.status}:${step.attempts}`;
      if (told.has(news) || !['done', 'failed', 'waiting'].includes(step.status)) continue;
      told.add(news);
      write(`${line(step)}\n`);
    }
  };
}

function redrawing(write: (text: string) => void, columns: () => number): (run: RunDetails) => void {
  let drawn = 0;
  return (run) => {
    // Up to the block's first line, each line cleared to its end.
    const up = drawn === 0 ? '' : `\u001b[${drawn}A`;
    write(up + run.steps.map((step) => `${cut(line(step), columns())}\u001b[K\n`).join(''));
    drawn = run.steps.length;
  };
}

/** A line that wraps is two, and the next drawing would begin one too low. */
const cut = (text: string, columns: number): string =>
  text.length < columns ? text : `${text.slice(0, columns - 2)}…`;

const MARKS: Readonly<Record<Step['status'], string>> = {
  pending: '·',
  running: '…',
  waiting: '↻',
  failed: '✗',
  done: '✓',
};

function line(step: Step): string {
  const took = step.ms === null ? '' : `${step.ms} ms`;
  const tries = step.attempts > 1 ? ` (try ${step.attempts})` : '';
  const trouble = step.error === null ? '' : `  ${step.error.message}`;
  return `  ${MARKS[step.status]} ${step.name.padEnd(24)} ${took.padStart(8)}${tries}${trouble}`;
}
