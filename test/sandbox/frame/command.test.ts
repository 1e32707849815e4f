import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const COMMAND = fileURLToPath(new URL('../../../scripts/sandbox.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sandbox-command-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Starts it and waits until it has said everything, or has ended. */
async function sandbox(...args: string[]) {
  const child = spawn(process.execPath, [COMMAND, '--folder', folder, ...args], {
    env: { ...process.env, STRIPE_API_URL: 'https://elsewhere.example', PORT: '1' },
  });
  children.push(child);
  const output = { text: '' };
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const said = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output.text += chunk;
        if (output.text.includes('Ctrl-C ends it')) resolve();
      });
  });
  await Promise.race([said, ended]);
  return { child, output, ended };
}

test('it prints the environment, serves, and ends on Ctrl-C', async () => {
  const { child, output, ended } = await sandbox('--webhook', 'http://127.0.0.1:9/webhooks/stripe');
  const env = Object.fromEntries(
    [...output.text.matchAll(/^([A-Z0-9_]+)=(.*)$/gm)].map((match) => [match[1], match[2]]),
  );
  expect(env).toMatchObject({
    STRIPE_SECRET_KEY: 'sk_test_sandbox',
    MAIL_FROM: "'CDE Team <cde@sandbox.example>'",
  });
  expect(output.text).toContain('Events go to http://127.0.0.1:9/webhooks/stripe');
  expect(output.text).not.toContain('elsewhere');
  expect((await fetch(`${env.B2_API_URL}/`)).status).toBe(200);

  const second = await sandbox();
  expect(await second.ended).toBe(1);
  expect(second.output.text).toContain('in use by another process');

  child.kill('SIGINT');
  expect(await ended).toBe(0);
});

test('an option that is none is refused with those there are', async () => {
  const { output, ended } = await sandbox('--foo');
  expect(await ended).toBe(1);
  expect(output.text).toContain('Options: --folder <path>, --webhook <url>');
  expect(output.text).not.toMatch(/\n\s+at /);
});
