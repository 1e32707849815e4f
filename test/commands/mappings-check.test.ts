import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { runMappingsCheck } from '../../scripts/commands/mappings-check.ts';
import { mappingsWith, type Patient, prepared } from './doctor/stage.ts';

let patient: Patient;
let said: string[];
beforeAll(async () => {
  patient = await prepared();
});
beforeEach(() => {
  said = [];
  vi.spyOn(console, 'log').mockImplementation((text) => void said.push(String(text)));
});
afterEach(() => vi.restoreAllMocks());

const check = async (argv: readonly string[], change: Record<string, string> = {}) => {
  const code = await runMappingsCheck(argv, { ...patient.env, ...change });
  return { code, text: said.join('\n') };
};

it('says that the shipped mappings fit', async () => {
  const { code, text } = await check([]);
  expect(text).toMatch(/^The mappings in .*\/mappings fit their schemas and the ERP\.$/);
  expect(code).toBe(0);
});

it('lists what does not fit, with file, path and fix', async () => {
  const MAPPINGS_DIR = mappingsWith('odoo.json', (text) =>
    text.replace('"type": { "value": "opportunity" }', '"type": { "value": "sale" }'),
  );
  const { code, text } = await check([], { MAPPINGS_DIR });
  expect(code).toBe(1);
  expect(text).toContain(
    `${join(MAPPINGS_DIR, 'odoo.json')} /records/opportunity/fields/type\n  the selection has no value "sale"`,
  );
  expect(text).toContain('→ Add the values to the field in Odoo');
});

it('finds every file’s problems at once, also in the examples, without an ERP', async () => {
  const MAPPINGS_DIR = mappingsWith('plans.json', (text) => text.replace('"currency"', '"curency"'));
  for (const [name, from, to] of [
    ['odoo.json', '"organisation.vat_id"', '"organisation.vat"'],
    ['workspace.json', '"bep": "03 Published/Execution Plan"', '"bep": "nowhere"'],
    ['bep.json', '"documents"', '"papers"'],
    ['examples/orion.json', '"plans"', '"plan"'],
  ] as const) {
    const file = join(MAPPINGS_DIR, name);
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
  }
  const { code, text } = await check(['--json', '--files-only'], { MAPPINGS_DIR, ODOO_API_KEY: '' });
  expect(code).toBe(1);
  const { problems, erpAsked } = JSON.parse(text) as {
    problems: { file: string; path: string; problem: string; fix: string }[];
    erpAsked: boolean;
  };
  expect(erpAsked).toBe(false);
  const files = new Set(problems.map(({ file }) => file.slice(MAPPINGS_DIR.length + 1)));
  expect([...files].sort()).toEqual([
    'bep.json',
    'examples/orion.json',
    'odoo.json',
    'plans.json',
    'workspace.json',
  ]);
  expect(problems).toContainEqual({
    file: join(MAPPINGS_DIR, 'odoo.json'),
    path: '/records/company/fields/vat',
    problem: 'there is no fact "organisation.vat"',
    fix: expect.stringContaining('mappings/odoo.schema.json'),
  });
});

it('a folder without a file, and a file that is no JSON', async () => {
  const MAPPINGS_DIR = mappingsWith('odoo.json', () => '{');
  expect((await check(['--files-only'], { MAPPINGS_DIR })).text).toContain('cannot be read as JSON');
  said = [];
  expect((await check(['--files-only'], { MAPPINGS_DIR: '/no/such/folder' })).code).toBe(1);
});

it('an ERP that cannot be asked is no good news', async () => {
  const unset = await check([], { ODOO_API_KEY: '' });
  expect(unset.code).toBe(1);
  expect(unset.text).toContain('the ERP cannot be asked: ODOO_API_KEY: not set');
  said = [];
  const wrong = await check([], { ODOO_API_KEY: 'wrong-key' });
  expect(wrong.code).toBe(1);
  expect(wrong.text).toContain('renew the key');
});

it('is a command', () => {
  const cli = new URL('../../scripts/cli.ts', import.meta.url).pathname;
  const run = spawnSync(process.execPath, [cli, 'mappings', 'check', '--files-only'], {
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
  });
  expect(run.stdout).toContain('(the ERP was not asked)');
  expect(run.status).toBe(0);
}, 30_000);
