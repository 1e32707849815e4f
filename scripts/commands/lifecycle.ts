/** `cli lifecycle list|tick|hold|release|undo|end`: what becomes of people who left; a dry run is the list. */
import { parseArgs } from 'node:util';
import type { ListedStage } from '../../connector/provisioning/lifecycle/list.ts';
import { adminClient } from './admin-client.ts';
import { argument } from './argument.ts';
import { table } from './table.ts';

type Argv = readonly string[];

export async function lifecycleList(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { all: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  });
  const { stages } = await adminClient(env).request<{ stages: ListedStage[] }>(
    'GET',
    `/lifecycle?all=${values.all}`,
  );
  if (values.json) console.log(JSON.stringify(stages));
  else {
    const rows = stages.map((each) => [
      String(each.dueAt).slice(0, 16).replace('T', ' '),
      each.stage,
      `${each.state}${each.why === null ? '' : ` (${each.why})`}`,
      String(each.subscriptionId),
      each.organisation,
      each.project,
      each.what.join(', '),
    ]);
    console.log(table(['when (UTC)', 'stage', 'state', 'no', 'organisation', 'project', 'what'], rows));
  }
  return 0;
}

export async function lifecycleTick(_argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { begun } = await adminClient(env).request<{ begun: number }>('POST', '/lifecycle/tick');
  console.log(begun === 0 ? 'Nothing is due.' : `${begun} stage(s) begun.`);
  return 0;
}

export async function lifecycleHold(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { reason: { type: 'string' } },
    allowPositionals: true,
  });
  await adminClient(env).request('POST', `/lifecycle/${name(positionals)}/hold`, { reason: values.reason });
  console.log(`${positionals[0]} is held: nothing of it is deleted.`);
  return 0;
}

export async function lifecycleRelease(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  await adminClient(env).request('POST', `/lifecycle/${name(argv)}/release`);
  console.log(`${argv[0]} is released: what was held back goes on, announced first.`);
  return 0;
}

export async function lifecycleUndo(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { run } = await adminClient(env).request<{ run: string }>('POST', `/lifecycle/${name(argv)}/undo`);
  console.log(`Access is given back by run ${run}; "lifecycle end" takes it away again.`);
  return 0;
}

export async function lifecycleRenew(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { run } = await adminClient(env).request<{ run: string }>('POST', `/lifecycle/${name(argv)}/renew`);
  console.log(
    `What is gone is made anew by run ${run}; the contact gets a mail with a link to the storage key.`,
  );
  return 0;
}

export async function lifecycleEnd(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { run } = await adminClient(env).request<{ run: string }>('POST', `/lifecycle/${name(argv)}/end`);
  console.log(`Access ends by run ${run}; the days count from now.`);
  return 0;
}

const name = (given: Argv): string =>
  encodeURIComponent(argument(given, 'a subscription or an organisation: its number, sub_… or org_5'));
