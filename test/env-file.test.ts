/** README's ".env": what stands in it is what `npm start` and `npm run cli` see. Run as package.json says, in a folder of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  scripts: Readonly<Record<'start' | 'cli', string>>;
};

function folderWith(envFile: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'env-file-'));
  for (const name of ['connector', 'scripts', 'mappings', 'templates', 'node_modules', 'package.json'])
    symlinkSync(resolve(name), join(folder, name));
  writeFileSync(join(folder, '.env'), envFile);
  return folder;
}

function run(script: string, cwd: string, env: Readonly<Record<string, string>> = {}): string {
  const PATH = `${resolve('node_modules/.bin')}:${process.env.PATH}`;
  const { stdout, stderr } = spawnSync('sh', ['-c', script], {
    cwd,
    env: { PATH, ...env },
    encoding: 'utf8',
  });
  return stdout + stderr;
}

describe('.env', () => {
  it('is read by npm start', () => {
    const said = run(scripts.start, folderWith('PUBLIC_URL=nowhere\nMAIL_FROM=CDE Team <cde@example.com>\n'));
    expect(said).toContain('PUBLIC_URL ("nowhere"): not valid');
    expect(said).toContain('SMTP_URL: not set');
    expect(said).not.toContain('MAIL_FROM');
  });

  it('is read by npm run cli; what the shell has set goes before it', () => {
    const key = 'CONNECTOR_API_KEYS=abcdefghijklmnopqrstuvwxyz';
    const folder = folderWith(`${key}\nCONNECTOR_URL=http://127.0.0.1:9\n`);
    const list = `${scripts.cli} runs list`;
    expect(run(list, folder)).toContain('no connector answers at http://127.0.0.1:9');
    expect(run(list, folder, { CONNECTOR_URL: 'http://127.0.0.1:1' })).toContain(
      'answers at http://127.0.0.1:1\n',
    );
    expect(run(list, folder, { CONNECTOR_URL: 'nowhere' })).toContain(
      'CONNECTOR_URL ("nowhere") is no address',
    );
  });

  it('made from the example as it stands is refused for what must be made up', () => {
    const said = run(scripts.start, folderWith(readFileSync('.env.example', 'utf8')));
    expect(said).toContain('CONNECTOR_SECRET: not valid');
    expect(said).toContain('CONNECTOR_API_KEYS: not valid');
    expect(said).not.toContain('not set');
  });
});
