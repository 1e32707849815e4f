/** What a person reads who mistypes a command at night: what is wrong and how it is written, never a stack. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../../scripts/cli.ts', import.meta.url));

function run(...argv: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...argv], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, CONNECTOR_URL: 'http://127.0.0.1:1', CONNECTOR_API_KEYS: 'k'.repeat(24) },
  });
  return { status, out: stdout, err: stderr };
}

describe('cli, mistyped', () => {
  it.each([
    ['customers get', 'a customer: cus_…'],
    ['customers explain', 'a customer: cus_…'],
    ['events show', 'an event: evt_…'],
    ['runs show', 'a run’s id'],
    ['runs retry', 'a run’s id'],
    ['subscriptions cancel --now', 'a subscription'],
    ['credentials revoke', 'a subscription: its number or sub_…'],
    ['lifecycle hold --reason audit', 'a subscription or an organisation'],
    ['lifecycle undo', 'a subscription or an organisation'],
    ['erase person', 'an e-mail address'],
    ['erase organisation', 'an organisation’s number'],
    ['erase show', 'an erasure’s number'],
  ])('%s alone asks for its subject', (words, what) => {
    const { status, err } = run(...words.split(' '));
    expect(err).toContain(`This command needs ${what}`);
    expect(err).not.toContain('    at ');
    expect(status).toBe(2);
  });

  it('an unknown option is named, with how the command is written', () => {
    const { status, err } = run('sync', '--ful');
    expect(err).toContain("Unknown option '--ful'");
    expect(err).toContain('npm run cli -- sync');
    expect(err).not.toContain('    at ');
    expect(status).toBe(2);
  });

  it('every command explains itself, without a server', () => {
    const { status, out } = run('customers', 'get', '--help');
    expect(out).toContain('npm run cli -- customers get');
    expect(out).toContain('cus_…');
    expect(status).toBe(0);
  });

  it('a first word alone lists what goes with it', () => {
    const { status, out } = run('customers');
    expect(out).toMatch(/customers list.*customers explain/s);
    expect(out).not.toContain('setup erp');
    expect(status).toBe(2);
  });

  it('a connector that does not answer is said so, with what to do', () => {
    const { status, err } = run('runs', 'list');
    expect(err).toContain('no connector answers at http://127.0.0.1:1');
    expect(err).toContain('CONNECTOR_URL');
    expect(status).toBe(1);
  });
});
