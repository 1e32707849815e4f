import { configDefaults, defineConfig } from 'vitest/config';

// A plain `npm test` never reaches a real system, whatever the shell has set: `npm run test:erp` and its like do.
if (process.env.CONTRACT !== 'real') {
  for (const name of Object.keys(process.env)) {
    if (/^(ODOO|STRIPE|B2|BEP|SMTP|CONNECTOR)_/.test(name)) delete process.env[name];
  }
}

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    // The contract suites run on real servers by `npm run test:erp|test:stripe|test:b2`; on the sandbox they run here.
    exclude: [...configDefaults.exclude, 'test/contract/**/*.real.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Each worker may hold a PGlite (some 250 MB): two fit a small machine.
    maxWorkers: 2,
    reporters: ['default', './test/support/plain-reporter.ts'],
    // Deadlines are for a hang, not for a busy machine: `eventually` gives up first and says what did not happen.
    testTimeout: 90_000,
    hookTimeout: 120_000,
    coverage: {
      provider: 'v8',
      include: ['connector/**/*.ts'],
      exclude: ['connector/main.ts', '**/*.sql'],
      thresholds: { lines: 90, branches: 90 },
      reporter: ['text-summary', 'json-summary', 'html'],
      reportsDirectory: 'coverage',
    },
  },
});
