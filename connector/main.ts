/** `npm start`: reads the configuration, opens the database, runs the service until it is told to stop. */
import { parseArgs } from 'node:util';
import { createApp } from './app.ts';
import { type Part, parseConfig } from './config.ts';
import { LOG_LEVELS } from './config-schema.ts';
import { databaseAtStart, databaseTrouble } from './db/errors.ts';
import { openDatabase } from './db/open.ts';
import { asConnectorError, ConnectorError } from './errors.ts';
import { createLog } from './log.ts';
import { startWebhookOnly } from './webhook-only.ts';
import { within } from './within.ts';

const CLOSE_WITHIN_MS = 3_000;

// Needed before the configuration is read; a level that does not exist is reported with all that is wrong there.
const wanted = process.env.LOG_LEVEL ?? 'info';
const log = createLog({ level: LOG_LEVELS.includes(wanted) ? wanted : 'info' });

try {
  await main(process.argv.slice(2));
} catch (thrown) {
  const error = databaseAtStart(thrown) ?? databaseTrouble(thrown) ?? asConnectorError(thrown);
  console.error(`${error.message}${error.advice === undefined ? '' : `\n→ ${error.advice}`}`);
  if (error.kind === 'bug') log.error({ err: error }, 'the service did not start');
  process.exit(1);
}

async function main(argv: string[]): Promise<void> {
  const { embedded, part } = readArguments(argv);
  const config = parseConfig(process.env, { embedded, part });
  if (embedded) {
    log.warn('embedded database: one process, no replica, no crash-proof disk writes; for a trial only');
  }
  const db = await openDatabase(
    embedded ? { dataDir: config.dataDir } : { url: config.databaseUrl!, onIdleError: idleError },
  );
  const now = () => new Date();
  const app =
    part === 'webhook'
      ? startWebhookOnly({ config, db, log, now })
      : await createApp({ config, db, log, now });
  const stop = stopper(async () => {
    await app.stop();
    // A statement under way would keep the pool open for its whole time-out.
    await within(CLOSE_WITHIN_MS, db.close());
  });
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  await app.start();
}

/** @throws ConnectorError permanent `arguments_invalid`: a misspelt option must not start something else than was meant */
function readArguments(argv: string[]): { embedded: boolean; part: Part } {
  try {
    const { values } = parseArgs({
      args: argv,
      options: { embedded: { type: 'boolean', default: false }, only: { type: 'string' } },
    });
    if (values.only === undefined || values.only === 'webhook')
      return { embedded: values.embedded, part: values.only ?? 'all' };
    throw badArguments(`--only ${values.only}: there is no such part`);
  } catch (thrown) {
    throw thrown instanceof ConnectorError ? thrown : badArguments((thrown as Error).message);
  }
}

function badArguments(message: string): ConnectorError {
  return new ConnectorError({
    kind: 'permanent',
    code: 'arguments_invalid',
    message,
    advice: 'Start with "npm start", "npm start -- --embedded" or "npm start -- --only webhook".',
  });
}

function idleError(error: Error): void {
  log.warn({ err: error }, 'an idle database connection broke; a new one is opened when needed');
}

/** The first signal stops gracefully, a second at once. */
function stopper(stop: () => Promise<void>): (signal: string) => void {
  let stopping = false;
  return (signal) => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'stopping: no new work, what runs may end');
    stop().then(
      () => process.exit(0),
      (error) => {
        log.error({ err: error }, 'did not stop cleanly');
        process.exit(1);
      },
    );
  };
}
