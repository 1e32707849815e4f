/**
 * `npm run test:erp | test:stripe | test:b2`: one contract suite, on the real system when its variables are set,
 * else on the sandbox. `test:erp -- --require documents` (or `dms`) fails where that application is not installed.
 * Anything else after `--` goes to vitest.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SUITES: Readonly<Record<string, readonly string[]>> = {
  erp: ['ODOO_URL', 'ODOO_DB', 'ODOO_USERNAME', 'ODOO_API_KEY'],
  stripe: ['STRIPE_SECRET_KEY'],
  b2: ['B2_APPLICATION_KEY_ID', 'B2_APPLICATION_KEY'],
};

/** Applications whose absence on the server fails the suite instead of being told (`--require documents`). */
const REQUIRABLE = ['documents', 'dms'];

const [suite = '', ...given] = process.argv.slice(2);
const { required, rest } = takeRequired(given);
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
const env = {
  ...process.env,
  CONTRACT: real ? 'real' : 'sandbox',
  CONTRACT_REQUIRE: required.join(','),
};
spawn(process.execPath, args, { stdio: 'inherit', env }).on('exit', (code) => {
  process.exitCode = code ?? 1;
});

function takeRequired(args: readonly string[]): { required: string[]; rest: string[] } {
  const required: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    if (args[at] !== '--require') {
      rest.push(args[at]!);
      continue;
    }
    at += 1;
    const name = args[at] ?? '';
    if (suite !== 'erp' || !REQUIRABLE.includes(name)) {
      console.error(`--require goes with test:erp and takes ${REQUIRABLE.join(' or ')}`);
      process.exit(2);
    }
    required.push(name);
  }
  return { required, rest };
}
