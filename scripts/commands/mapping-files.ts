/** Every mapping file against its schema, all problems of all files at once. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadBepMapping } from '../../connector/bep/mapping.ts';
import { loadDunningPolicy } from '../../connector/billing/dunning/policy.ts';
import { loadCatalogue } from '../../connector/billing/plans.ts';
import { loadOdooMapping } from '../../connector/crm/mapping.ts';
import { loadWorkspaceTree } from '../../connector/crm/workspace-tree.ts';
import { asConnectorError } from '../../connector/errors.ts';
import { loadLifecyclePolicy } from '../../connector/provisioning/lifecycle/policy.ts';

export interface FileProblem {
  readonly file: string;
  /** JSON pointer within the file. */
  readonly path: string;
  readonly problem: string;
  readonly fix: string;
}

const LOADERS: Readonly<Record<string, (file: string) => unknown>> = {
  plans: loadCatalogue,
  odoo: loadOdooMapping,
  workspace: loadWorkspaceTree,
  bep: loadBepMapping,
  dunning: loadDunningPolicy,
  lifecycle: loadLifecyclePolicy,
};

/** @param folder as MAPPINGS_DIR names it; catalogues in its `examples` are looked at too */
export function mappingFileProblems(folder: string): readonly FileProblem[] {
  const own = Object.entries(LOADERS).flatMap(([name, load]) =>
    problemsOf({ file: join(folder, `${name}.json`), schema: name, load }),
  );
  const examples = join(folder, 'examples');
  const catalogues = existsSync(examples)
    ? readdirSync(examples).filter((name) => name.endsWith('.json'))
    : [];
  return [
    ...own,
    ...catalogues.flatMap((name) =>
      problemsOf({ file: join(examples, name), schema: 'plans', load: loadCatalogue }),
    ),
  ];
}

function problemsOf(input: { file: string; schema: string; load: (file: string) => unknown }): FileProblem[] {
  const { file, schema, load } = input;
  try {
    load(file);
    return [];
  } catch (thrown) {
    const error = asConnectorError(thrown);
    if (error.kind === 'bug') throw thrown;
    const fix = `Correct it as mappings/${schema}.schema.json says.`;
    const problems = (error.details?.problems ?? [error.message]) as readonly string[];
    return problems.map((text) => {
      const [, path = '/', problem = text] = /^(\/\S*): (.*)$/s.exec(text) ?? [];
      return { file, path, problem, fix };
    });
  }
}
