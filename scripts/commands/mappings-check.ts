/** `cli mappings check`: the mapping files against their schemas, and odoo.json against the live ERP. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { examineConfig } from '../../connector/config.ts';
import type { Config } from '../../connector/config-schema.ts';
import { loadOdooMapping } from '../../connector/crm/mapping.ts';
import { checkOdooMapping } from '../../connector/crm/mapping-check.ts';
import { ConnectorError } from '../../connector/errors.ts';
import { createLog } from '../../connector/log.ts';
import { createOdoo } from '../../connector/odoo/odoo.ts';
import { type FileProblem, mappingFileProblems } from './mapping-files.ts';

/** @param env as it stands, NAME_FILE included @returns 0: all fits; 1: problems, or the ERP could not be asked */
export async function runMappingsCheck(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { json: { type: 'boolean', default: false }, 'files-only': { type: 'boolean', default: false } },
  });
  const { config, problems: unset } = examineConfig(env);
  const inFiles = mappingFileProblems(config.mappingsDir);
  const odooFile = join(config.mappingsDir, 'odoo.json');
  const asked = !values['files-only'];
  const missing = unset.filter(({ name }) => name.startsWith('ODOO_'));
  const problems = [...inFiles];
  if (asked && missing.length > 0)
    problems.push(
      ...missing.map(({ text }) => ({
        file: odooFile,
        path: '/',
        problem: `the ERP cannot be asked: ${text}`,
        fix: 'Set it, or look at the files alone with --files-only.',
      })),
    );
  // A file that is no mapping cannot be compared with anything.
  else if (asked && !inFiles.some(({ file }) => file === odooFile))
    problems.push(...(await erpProblems(config, odooFile)));
  if (values.json) console.log(JSON.stringify({ folder: config.mappingsDir, erpAsked: asked, problems }));
  else print({ folder: config.mappingsDir, asked, problems });
  return problems.length === 0 ? 0 : 1;
}

async function erpProblems(config: Config, file: string): Promise<FileProblem[]> {
  const odoo = createOdoo({ ...config.odoo, log: createLog({ level: 'silent' }) });
  try {
    const problems = await checkOdooMapping(odoo, loadOdooMapping(file));
    return problems.map((problem) => ({ file, ...problem }));
  } catch (thrown) {
    if (!(thrown instanceof ConnectorError)) throw thrown;
    return [
      {
        file,
        path: '/',
        problem: `the ERP cannot be asked: ${thrown.message}`,
        fix: thrown.advice ?? 'Check ODOO_URL and the key.',
      },
    ];
  }
}

function print(input: { folder: string; asked: boolean; problems: readonly FileProblem[] }): void {
  for (const { file, path, problem, fix } of input.problems)
    console.log(`${file} ${path}\n  ${problem}\n  → ${fix}`);
  const against = input.asked ? 'their schemas and the ERP' : 'their schemas (the ERP was not asked)';
  console.log(
    input.problems.length === 0
      ? `The mappings in ${input.folder} fit ${against}.`
      : `${input.problems.length} problem(s) in ${input.folder}.`,
  );
}
