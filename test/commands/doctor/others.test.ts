/** Document engine, mail server, database, this host, its address, the configuration, and how all is shown. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../connector/db/open.ts';
import { report } from '../../../scripts/commands/doctor/report.ts';
import { runDoctor } from '../../../scripts/commands/doctor.ts';
import { freePort } from '../../../scripts/demo/free-port.ts';
import { openTestPostgres } from '../../support/database.ts';
import { type Patient, prepared } from './stage.ts';

let patient: Patient;
beforeAll(async () => {
  patient = await prepared();
});

const line = (text: string) => expect.stringContaining(text);
const nowhere = async () => `127.0.0.1:${await freePort(0)}`;

/** An HTTP server that answers everything alike. */
async function answering(status: number, body: string, headers: Record<string, string> = {}) {
  const server = createServer((_req, res) => res.writeHead(status, headers).end(body));
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

describe('doctor on the document engine', () => {
  it('answers, refuses the key, sends elsewhere, is unwell, is away', async () => {
    expect((await patient.look()).of('bep')[0]).toMatch(/^green the engine at/);
    expect((await patient.look({ BEP_API_KEY: 'wrong' })).of('bep')).toEqual([
      'red the engine refuses our key (HTTP 401)',
    ]);
    const moved = await answering(302, '', { location: 'http://elsewhere.example' });
    expect((await patient.look({ BEP_URL: moved.url })).of('bep')[0]).toMatch(/^yellow .*HTTP 302/);
    moved.close();
    const unwell = await answering(503, 'no');
    expect((await patient.look({ BEP_URL: unwell.url })).of('bep')[0]).toMatch(/^red .*HTTP 503/);
    unwell.close();
    const away = await patient.look({ BEP_URL: `http://${await nowhere()}` });
    expect(away.of('bep')[0]).toMatch(/^red .* cannot be reached/);
    expect(away.code).toBe(1);
  });
});

describe('doctor on the mail server', () => {
  async function smtp(options: SMTPServerOptions) {
    const server = new SMTPServer({ logger: false, ...options });
    server.on('error', () => {});
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const { port } = server.server.address() as AddressInfo;
    return { port, close: () => new Promise<void>((resolve) => server.close(resolve)) };
  }
  const onAuth: SMTPServerOptions['onAuth'] = (auth, _session, done) =>
    auth.password === 'right-password' ? done(null, { user: 'u' }) : done(new Error('no'));

  it('a stopped one is red, one on this machine may do without TLS', async () => {
    expect((await patient.look()).of('smtp')).toEqual([
      line('greets us; no login is set'),
      line('on this very machine'),
      line('unproven'),
    ]);
    const away = await patient.look({ SMTP_URL: `smtp://${await nowhere()}` });
    expect(away.of('smtp')).toEqual([expect.stringMatching(/^red mail server: /)]);
    expect(away.code).toBe(1);
  });

  it('a wrong login, a login without TLS, mail without TLS', async () => {
    const plain = await smtp({ onAuth, hideSTARTTLS: true, allowInsecureAuth: true, authOptional: true });
    const wrong = await patient.look({ SMTP_URL: `smtp://u:canary-password@127.0.0.1:${plain.port}` });
    expect(wrong.of('smtp')).toEqual([expect.stringMatching(/^red mail server: /)]);
    expect(wrong.output).not.toContain('canary');
    // 0.0.0.0 leads here as well, and is not spelt like this machine.
    const open = await patient.look({ SMTP_URL: `smtp://u:right-password@0.0.0.0:${plain.port}` });
    expect(open.of('smtp')).toEqual([
      line('it takes the login'),
      'red login and mail go out without TLS',
      line('unproven'),
    ]);
    const unsafe = await patient.look({ SMTP_URL: `smtp://0.0.0.0:${plain.port}` });
    expect(unsafe.of('smtp')).toContain('yellow mail goes out without TLS');
    await plain.close();
  });

  it('a certificate nobody vouches for', async () => {
    const selfSigned = await smtp({ authOptional: true });
    const seen = await patient.look({ SMTP_URL: `smtp://127.0.0.1:${selfSigned.port}` });
    expect(seen.of('smtp')).toEqual([expect.stringMatching(/^red mail server: /)]);
    await selfSigned.close();
  });
});

describe('doctor on the database', () => {
  it('embedded: none yet, in use, ready', async () => {
    const DATA_DIR = mkdtempSync(join(tmpdir(), 'doctor-data-'));
    expect((await patient.look({ DATA_DIR })).of('database')).toEqual([line('green no embedded database')]);
    const db = await openDatabase({ dataDir: DATA_DIR });
    expect((await patient.look({ DATA_DIR })).of('database')).toEqual([
      line('in use by the running service'),
    ]);
    await db.close();
    expect((await patient.look({ DATA_DIR })).of('database')).toEqual([
      line('green embedded PostgreSQL'),
      'yellow an embedded database is for a trial',
      expect.stringMatching(/^green all \d+ migrations applied/),
    ]);
  }, 90_000);

  it('PostgreSQL: ready, behind, ahead, empty, away', async () => {
    const db = await openTestPostgres();
    const DATABASE_URL = db.url!;
    const look = async () => (await patient.look({ DATABASE_URL })).of('database');
    expect(await look()).toEqual([
      line('green PostgreSQL'),
      expect.stringMatching(/^green all \d+ migrations/),
    ]);
    await db.query("update migrations set name = '999_future.sql'");
    expect(await look()).toContainEqual(line('red the database is newer than this program (999_future.sql)'));
    await db.query('delete from migrations');
    expect(await look()).toContainEqual(line('yellow the next start applies 001_foundation.sql'));
    await db.query('drop table migrations');
    expect(await look()).toContainEqual(line('green an empty database'));
    await db.close();
    const away = await patient.look({ DATABASE_URL: `postgres://u:canary-secret@${await nowhere()}/x` });
    expect(away.of('database')).toEqual([line('red database: The database cannot be reached')]);
    expect(away.output).not.toContain('canary');
    expect(away.code).toBe(1);
  }, 90_000);
});

describe('doctor on this host and its address', () => {
  it('room on the disk', async () => {
    const withFree = async (mb: number) =>
      (await patient.look({}, { freeBytes: async () => mb * 1024 ** 2 })).of('host')[0];
    expect(await withFree(50)).toMatch(/^red 50 MB free/);
    expect(await withFree(500)).toMatch(/^yellow 500 MB free/);
    expect(await withFree(5000)).toMatch(/^green 5000 MB free/);
    const unknown = await patient.look({}, { freeBytes: () => Promise.reject(new Error('no such call')) });
    expect(unknown.of('host')[0]).toMatch(/^red disk space/);
    expect((await patient.look()).of('host')[0]).toMatch(/ MB free at /);
  });

  it('PUBLIC_URL leads to a stand-in, to the service, elsewhere, nowhere', async () => {
    expect((await patient.look()).of('public url')).toEqual([line('reaches a stand-in on port')]);
    const service = await answering(200, '{"status":"ok"}');
    const running = await patient.look({ PUBLIC_URL: service.url, PORT: String(service.port) });
    expect(running.of('public url')).toEqual([line('where a service runs')]);
    service.close();
    const page = await answering(200, '<h1>Welcome to nginx</h1>');
    expect((await patient.look({ PUBLIC_URL: page.url })).of('public url')).toEqual([
      line('is answered by something else (HTTP 200)'),
    ]);
    page.close();
    const lost = await patient.look({ PUBLIC_URL: `http://${await nowhere()}` });
    expect(lost.of('public url')).toEqual([line('cannot be reached from here (ECONNREFUSED)')]);
    expect(lost.code).toBe(1);
    const plain = await patient.look({ PUBLIC_URL: 'http://connector.invalid' });
    expect(plain.of('public url')).toContain('yellow PUBLIC_URL is not https');
  });
});

describe('what the doctor says', () => {
  it('all that is wrong with the configuration, and what can be looked at all the same', async () => {
    const seen = await patient.look({
      ODOO_API_KEY: '',
      B2_APPLICATION_KEY_FILE: '/no/such/file',
      B2_APPLICATION_KEY: '',
    });
    expect(seen.code).toBe(1);
    expect(seen.of('config')).toEqual([line('red ODOO_API_KEY: not set'), line('red B2_APPLICATION_KEY')]);
    expect(seen.of('odoo')).toEqual([line('unproven not looked at: ODOO_API_KEY first')]);
    expect(seen.of('b2')).toEqual([line('unproven not looked at')]);
    expect(seen.of('stripe')[0]).toMatch(/^green/);
  });

  it('reads NAME_FILE as the service does', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'doctor-key-')), 'key');
    writeFileSync(file, `${patient.env.ODOO_API_KEY}\n`);
    const seen = await patient.look({ ODOO_API_KEY: '', ODOO_API_KEY_FILE: file });
    expect(seen.of('config')).toEqual(['green every variable is set and valid']);
    expect(seen.of('odoo')[1]).toMatch(/^green the key of/);
  });

  it('no secret, whatever other systems repeat', async () => {
    const refusing = await answering(500, 'no');
    const seen = await patient.look({ ODOO_URL: refusing.url, BEP_URL: refusing.url });
    refusing.close();
    const secrets = Object.entries(patient.env).filter(
      ([name]) => /KEY$|SECRET$|KEYS$/.test(name) && !/PUBLISHABLE|KEY_ID/.test(name),
    );
    expect(secrets.length).toBeGreaterThan(5);
    for (const [name, value] of secrets) expect(seen.output.includes(value), name).toBe(false);
  });

  it('lines for people: colours on a terminal only, what to do below', async () => {
    const findings = [
      { system: 'b2', colour: 'red' as const, text: 'the key lacks writeBuckets', advice: 'Make a key.' },
      { system: 'b2', colour: 'green' as const, text: 'account a1 answers' },
    ];
    const plain = report(findings, { colours: false });
    expect(plain).toContain('red              b2: the key lacks writeBuckets\n');
    expect(plain).toContain('→ Make a key.');
    expect(plain).toContain('1 green, 0 yellow, 1 red, 0 not proven here');
    expect(plain).not.toContain('\u001b');
    expect(report(findings, { colours: true })).toContain('\u001b[31mred');
    const said: string[] = [];
    expect(await runDoctor(['--embedded'], patient.env, { print: (text) => void said.push(text) })).toBe(0);
    expect(said.join()).toMatch(/green +stripe: account/);
  });

  it('as a command of its own', () => {
    const cli = new URL('../../../scripts/cli.ts', import.meta.url).pathname;
    const run = spawnSync(process.execPath, [cli, 'doctor', '--json'], {
      env: { PATH: process.env.PATH, STRIPE_SECRET_KEY_FILE: '/no/such/file' },
      encoding: 'utf8',
    });
    expect(run.status).toBe(1);
    const { findings } = JSON.parse(run.stdout) as { findings: { system: string; text: string }[] };
    const config = findings.filter(({ system }) => system === 'config').map(({ text }) => text);
    expect(config).toContainEqual(line('STRIPE_SECRET_KEY_FILE cannot be read'));
    expect(config).toContainEqual(line('DATABASE_URL: not set'));
  }, 90_000);
});
