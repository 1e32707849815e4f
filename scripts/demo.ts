/**
 * `npm run demo`: the main job on embedded parts. Starts the sandbox and the connector, buys as a customer would, shows
 * the run live and says where to look. The environment is ignored but for systems opted in by `-- --use`.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pino } from 'pino';
import { createApp } from '../connector/app.ts';
import { parseConfig, withFiles } from '../connector/config.ts';
import { openDatabase } from '../connector/db/open.ts';
import { ConnectorError } from '../connector/errors.ts';
import { createLog } from '../connector/log.ts';
import { adminClient } from './commands/admin-client.ts';
import { buy } from './demo/buy.ts';
import { planFailures } from './demo/fail.ts';
import { type DemoState, demoFolder, readState, writeState } from './demo/folder.ts';
import { freePort } from './demo/free-port.ts';
import { type DemoOptions, demoOptions } from './demo/options.ts';
import { prepareInstallation } from './demo/prepare.ts';
import { readBack } from './demo/read-back.ts';
import { summary } from './demo/summary.ts';
import { takeOverErp } from './demo/take-over.ts';
import { realSystems } from './demo/use.ts';
import { watchRun } from './demo/watch.ts';
import { startWorld } from './sandbox/world.ts';

const print = (line: string): void => console.log(line);
type Env = Readonly<Record<string, string>>;

try {
  await demo(demoOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof ConnectorError)) throw error;
  console.error(`${error.message}${error.advice === undefined ? '' : `\n→ ${error.advice}`}`);
  process.exit(1);
}

async function demo(options: DemoOptions): Promise<void> {
  const chosen =
    options.use.length === 0
      ? (sandbox: Env) => sandbox
      : realSystems({ real: withFiles(process.env), use: options.use, print });
  const folder = demoFolder(options.resume, new Date());
  const log = createLog({
    destination: pino.destination({ dest: join(folder, 'connector.log'), sync: true }),
  });
  print(`Demo in ${folder}${options.resume ? ' (resumed)' : ''}`);
  // Before anything slow: a kill while the database is being made must not lose what was asked for.
  if (!options.resume) writeState(folder, await newState(options.plan));
  // Its lock says whether this demo still runs somewhere.
  const db = await openDatabase({ dataDir: folder });
  const known = readState(folder) ?? (await newState(options.plan));
  const port = await freePort(known.port);
  const publicUrl = `http://127.0.0.1:${port}`;
  if (known.port !== port) print(`Port ${known.port} is taken by now: the connector moves to ${publicUrl}`);
  const { plan, tag } = known;
  let { installation } = known;
  // The path is the order's, the address may be another one now.
  let orderUrl = known.orderUrl ? new URL(new URL(known.orderUrl).pathname, publicUrl).href : null;
  const keep = (): void => writeState(folder, { port, plan, tag, orderUrl, installation });
  keep();
  const world = await startWorld({ folder: join(folder, 'sandbox') });
  const env = await prepareInstallation({
    folder,
    env: chosen(world.env),
    publicUrl,
    log,
    print: () => {},
    alone: true,
  });
  if (options.use.includes('odoo') && !options.resume)
    await takeOverErp({ env: chosen(world.env), log, print });
  const { beforeStep } = planFailures(world, options.fail);
  const app = await createApp({
    config: parseConfig(env, { embedded: true }),
    db,
    log,
    now: () => new Date(),
    beforeStep,
  });
  // Before its first call outside, which an ERP answers by binding itself to it.
  installation = (await db.query<{ uuid: string }>('select uuid from installation')).rows[0]!.uuid;
  keep();
  const stop = async (): Promise<void> => {
    await app.stop();
    await db.close();
    await world.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().then(() => process.exit(0)));
  await app.start();
  print(`Sandbox at ${world.urls.control}, connector at ${publicUrl}`);

  const began = Date.now();
  if (orderUrl === null) {
    orderUrl = await buy({ publicUrl, world, plan, tag });
    keep();
    print(`\nA customer bought ${plan} and paid with card 4242 4242 4242 4242.\n`);
  }
  const admin = adminClient({ ...env, CONNECTOR_URL: publicUrl });
  const run = await watchRun({
    admin,
    columns: process.stdout.isTTY && !options.json ? () => process.stdout.columns || 80 : undefined,
    write: (text) => process.stdout.write(text),
  });
  const ms = Date.now() - began;
  const ok = run.status === 'done';
  const outcome = ok ? await readBack({ run, env, world, log, use: options.use }) : null;
  print(summary({ run, outcome, ms, publicUrl, orderUrl, urls: world.urls, env, use: options.use }));
  if (options.json) {
    const steps = run.steps.map(({ name, status, attempts, ms: took }) => ({
      name,
      status,
      attempts,
      ms: took,
    }));
    print(JSON.stringify({ ok, run: { id: run.id, status: run.status, steps }, ...outcome, ms }));
  }
  if (!ok) process.exitCode = 1;
  if (options.exit) {
    await stop();
    process.exit();
  }
  print('\nIt stays up: Ctrl-C ends it, "npm run demo -- --resume" takes it up again.');
}

async function newState(plan: string): Promise<DemoState> {
  const tag = randomBytes(3).toString('hex');
  return { port: await freePort(8080), plan, tag, orderUrl: null, installation: null };
}
