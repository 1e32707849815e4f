/** `npm start` as an operator meets it: a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createLog } from '../connector/log.ts';
import { freePort } from '../scripts/demo/free-port.ts';
import { prepareInstallation } from '../scripts/demo/prepare.ts';
import { eventually } from './support/connector.ts';
import { openTestPostgres } from './support/database.ts';
import { startTestWorld } from './support/sandbox.ts';

const MAIN = new URL('../connector/main.ts', import.meta.url).pathname;

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exit: Promise<number | null>;
}

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(env: Readonly<Record<string, string>>, args: readonly string[] = []): Started {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let text = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (text += String(chunk)));
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, output: () => text, exit };
}

async function prepared(): Promise<Record<string, string>> {
  const world = await startTestWorld();
  return {
    ...(await prepareInstallation({
      folder: mkdtempSync(join(tmpdir(), 'main-')),
      env: world.env,
      publicUrl: `http://127.0.0.1:${await freePort(0)}`,
      log: createLog({ level: 'silent' }),
      print: () => {},
    })),
  };
}

const ready = (started: Started, url: string) =>
  eventually('it is ready', async () => {
    if (started.child.exitCode !== null) throw new Error(started.output());
    return (await fetch(`${url}/readyz`).catch(() => undefined))?.ok;
  });

describe('npm start', () => {
  it('refuses to run half-configured and lists all that is missing', async () => {
    const { exit, output } = start({
      LOG_LEVEL: 'loud',
      PUBLIC_URL: 'nowhere',
      STRIPE_SECRET_KEY: 'sk_test_canary_1',
    });
    expect(await exit).toBe(1);
    expect(output()).toContain('PUBLIC_URL ("nowhere"): not valid');
    expect(output()).toContain('LOG_LEVEL ("loud"): not valid');
    for (const name of [
      'DATABASE_URL',
      'CONNECTOR_SECRET',
      'STRIPE_WEBHOOK_SECRET',
      'ODOO_API_KEY',
      'SMTP_URL',
    ])
      expect(output()).toContain(`${name}: not set`);
    expect(output()).not.toContain('canary');
    expect(output()).not.toContain('    at ');
  });

  it.each([
    ['--only', 'everything'],
    ['--embeded', ''],
  ])('refuses what it does not know: %s %s', async (...args) => {
    const { exit, output } = start(
      {},
      args.filter((arg) => arg !== ''),
    );
    expect(await exit).toBe(1);
    expect(output()).toContain('npm start -- --only webhook');
  });

  it('says so when the database is not there', async () => {
    const env = await prepared();
    const { exit, output } = start({ ...env, DATABASE_URL: `postgres://127.0.0.1:${await freePort(0)}/x` });
    expect(await exit).toBe(1);
    expect(output()).toContain('The database cannot be reached');
    expect(output()).toContain('Check DATABASE_URL');
    expect(output()).not.toContain('by itself');
    expect(output()).not.toContain('defect of the connector');
  });

  it.each([
    [
      'a database that does not exist',
      (url: URL) => (url.pathname = '/nowhere'),
      'database "nowhere" does not exist',
    ],
    ['a user it does not know', (url: URL) => (url.username = 'nobody'), 'role "nobody" does not exist'],
  ])('says so when PostgreSQL refuses: %s', async (_what, change, said) => {
    const db = await openTestPostgres();
    const url = new URL(db.url!);
    change(url);
    const { exit, output } = start({ ...(await prepared()), DATABASE_URL: url.href });
    expect(await exit).toBe(1);
    expect(output()).toContain(`The database refuses us: ${said}`);
    expect(output()).toContain('Check user, password and database name of DATABASE_URL');
    expect(output()).not.toContain('defect of the connector');
    await db.close();
  });

  it('--embedded: serves, refuses a second on the same folder, ends at SIGTERM with 0', async () => {
    const env = await prepared();
    const first = start(env, ['--embedded']);
    await ready(first, env.PUBLIC_URL!);
    const second = start(env, ['--embedded']);
    expect(await second.exit).toBe(1);
    expect(second.output()).toMatch(/in use|another process/i);
    first.child.kill('SIGTERM');
    expect(await first.exit).toBe(0);
    expect(first.output()).toContain('stopping');
    const again = start(env, ['--embedded']);
    await ready(again, env.PUBLIC_URL!);
    again.child.kill('SIGINT');
    expect(await again.exit).toBe(0);
  }, 60_000);

  it('says so when the port is taken', async () => {
    const env = await prepared();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(Number(env.PORT), '0.0.0.0', resolve));
    const { exit, output } = start(env, ['--embedded']);
    expect(await exit).toBe(1);
    expect(output()).toContain(`cannot listen on port ${env.PORT}`);
    taken.close();
  });

  it('--only webhook needs PostgreSQL and Stripe’s keys alone', async () => {
    const db = await openTestPostgres();
    const port = await freePort(0);
    const started = start(
      {
        PORT: String(port),
        PUBLIC_URL: `http://127.0.0.1:${port}`,
        DATABASE_URL: db.url!,
        STRIPE_SECRET_KEY: 'sk_test_1',
        STRIPE_WEBHOOK_SECRET: 'whsec_1',
      },
      ['--only', 'webhook'],
    );
    await ready(started, `http://127.0.0.1:${port}`);
    expect((await fetch(`http://127.0.0.1:${port}/services/comply`)).status).toBe(404);
    expect(
      (await fetch(`http://127.0.0.1:${port}/webhooks/stripe`, { method: 'POST', body: '{}' })).status,
    ).toBe(415);
    started.child.kill('SIGTERM');
    expect(await started.exit).toBe(0);
    await db.close();
  });
});
