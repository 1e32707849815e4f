/** The mapping files, and odoo.json against the live ERP. */
import { join } from 'node:path';
import { loadOdooMapping } from '../../../connector/crm/mapping.ts';
import { checkOdooMapping } from '../../../connector/crm/mapping-check.ts';
import { createOdoo } from '../../../connector/odoo/odoo.ts';
import { mappingFileProblems } from '../mapping-files.ts';
import type { Check } from './context.ts';
import { each, green, red } from './finding.ts';

export const mappings: Check = {
  system: 'mappings',
  needs: ['ODOO_', 'MAPPINGS_DIR'],
  async run({ config, log, callMs }) {
    const file = join(config.mappingsDir, 'odoo.json');
    const inFiles = mappingFileProblems(config.mappingsDir);
    const problems = inFiles.map(({ file: name, path, problem, fix }) =>
      red(`${name} ${path}: ${problem}`, fix),
    );
    if (problems.length === 0) problems.push(green(`the files in ${config.mappingsDir} fit their schemas`));
    if (inFiles.some((problem) => problem.file === file)) return problems;
    const against = await each({
      'odoo.json against the ERP': async () => {
        const odoo = createOdoo({ ...config.odoo, log, readTimeoutMs: callMs, writeTimeoutMs: callMs });
        const wrong = await checkOdooMapping(odoo, loadOdooMapping(file));
        if (wrong.length === 0) return [green('odoo.json fits the ERP')];
        return wrong.map(({ path, problem, fix }) => red(`${file} ${path}: ${problem}`, fix));
      },
    });
    return [...problems, ...against];
  },
};
