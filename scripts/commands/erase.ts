/** `cli erase person <email> | organisation <no>`: erasure on request, with its report (--dry-run, --json). */
import { parseArgs } from 'node:util';
import type { ErasureReport } from '../../connector/provisioning/erasure/erase.ts';
import { adminClient } from './admin-client.ts';
import { argument } from './argument.ts';
import { table } from './table.ts';

type Argv = readonly string[];

export const erasePerson = (argv: Argv, env: NodeJS.ProcessEnv): Promise<number> =>
  erase(argv, env, { what: 'an e-mail address', subject: (email) => ({ email }) });

export const eraseOrganisation = (argv: Argv, env: NodeJS.ProcessEnv): Promise<number> =>
  erase(argv, env, {
    what: 'an organisation’s number',
    subject: (named) => ({ organisation: Number(named.replace(/^org_/, '')) }),
  });

async function erase(
  argv: Argv,
  env: NodeJS.ProcessEnv,
  { what, subject }: { what: string; subject: (named: string) => object },
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: {
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const report = await adminClient(env).request<ErasureReport>('POST', '/erasures', {
    ...subject(argument(positionals, what)),
    dry_run: values['dry-run'],
  });
  if (values.json) console.log(JSON.stringify(report));
  else {
    const rows = report.entries.map((each) => [
      each.where,
      each.what,
      each.action,
      each.count === undefined ? '' : String(each.count),
      each.why ?? '',
    ]);
    console.log(table(['where', 'what', values['dry-run'] ? 'would be' : 'was', 'count', 'why'], rows));
  }
  return 0;
}
