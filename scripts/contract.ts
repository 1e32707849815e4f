/**
 * `npm run test:erp | test:stripe | test:b2`: one contract suite, on the real system when its variables are set,
 * else on the sandbox. Anything after `--` goes to vitest.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SUITES: Readonly<Record<string, readonly string[]>> = {
  erp: ['ODOO_URL', 'ODOO_DB', 'ODOO_USERNAME', 'ODOO_API_KEY'],
  stripe: ['STRIPE_SECRET_KEY'],
  b2: ['B2_APPLICATION_KEY_ID', 'B2_APPLICATION_KEY'],
};

const [suite = '', ...rest] = process.argv.slice(2);
const variables = SUITES[suite];
if (variables === undefined) {
  console.error(`node scripts/contract.ts ${Object.keys(SUITES).join(' | ')}`);
  process.exit(2);
}
const missing = variables.filter((name) => !process.env[name]);
const real = missing.length === 0;
if (!real && missing.length < variables.length) {
  console.error(`test:${suite} on the real system needs also: ${missing.join(', ')}`);
  process.exit(2);
}
console.log(
  real
    ? `test:${suite} on the real system${suite === 'erp' ? ` at ${process.env.ODOO_URL}` : ''}`
    : `test:${suite} on the sandbox (for the real system set ${variables.join(', ')})`,
);
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
// One file after the other: a real system is shared by all of them.
const args = [vitest, 'run', `test/contract/${suite}`, ...(real ? ['--no-file-parallelism'] : []), ...rest];
// Without this word the test runner forgets every real address and key in its environment.
const env = { ...process.env, CONTRACT: real ? 'real' : 'sandbox' };
spawn(process.execPath, args, { stdio: 'inherit', env }).on('exit', (code) => {
  process.exitCode = code ?? 1;
});
