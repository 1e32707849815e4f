/** `cli runs list|show|retry`. */
import { parseArgs } from 'node:util';
import type { RunDetails, RunSummary } from '../../connector/provisioning/runs.ts';
import { adminClient } from './admin-client.ts';
import { argument } from './argument.ts';
import { minute, table } from './table.ts';

type Argv = readonly string[];

export async function runsList(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      status: { type: 'string' },
      json: { type: 'boolean' },
      limit: { type: 'string', default: '50' },
    },
  });
  const query = new URLSearchParams({ limit: values.limit, ...(values.status && { status: values.status }) });
  const { runs } = await adminClient(env).request<{ runs: RunSummary[] }>('GET', `/runs?${query}`);
  if (values.json) console.log(JSON.stringify(runs));
  else {
    const rows = runs.map((run) => [
      run.id,
      run.kind,
      run.status,
      run.organisation ?? run.customer,
      minute(run.createdAt),
      String(run.cause?.step ?? ''),
    ]);
    console.log(table(['run', 'kind', 'status', 'organisation', 'created', 'stopped at'], rows));
  }
  return 0;
}

export async function runsShow(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { json: { type: 'boolean' } },
    allowPositionals: true,
  });
  const run = await adminClient(env).request<RunDetails>(
    'GET',
    `/runs/${encodeURIComponent(argument(positionals, 'a run’s id'))}`,
  );
  if (values.json) console.log(JSON.stringify(run));
  else {
    console.log(`${run.kind} of ${run.subscription} (${run.organisation ?? run.customer}): ${run.status}`);
    if (run.cause !== null)
      console.log(`Stopped: ${run.cause.message}\n→ ${run.cause.advice ?? 'see the log'}`);
    const rows = run.steps.map((step) => [
      step.name,
      step.status,
      String(step.attempts),
      step.ms === null ? '' : `${step.ms} ms`,
      step.error?.message ?? '',
    ]);
    console.log(table(['step', 'status', 'attempts', 'took', 'last error'], rows));
  }
  return 0;
}

export async function runsRetry(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const id = argument(argv, 'a run’s id');
  await adminClient(env).request('POST', `/runs/${encodeURIComponent(id)}/retry`);
  console.log(`Run ${id} goes on. Watch it: npm run cli -- runs show ${id}`);
  return 0;
}
