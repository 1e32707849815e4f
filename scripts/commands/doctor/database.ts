/** The database: reachable, new enough, its migrations known. Nothing is written, nothing migrated. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../../../connector/db/database.ts';
import { databaseTrouble } from '../../../connector/db/errors.ts';
import { shippedMigrations } from '../../../connector/db/migrate.ts';
import { openPglite } from '../../../connector/db/pglite.ts';
import { openPostgres } from '../../../connector/db/postgres.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { Check, DoctorContext } from './context.ts';
import { type Finding, failed, green, red, yellow } from './finding.ts';

// The oldest that PostgreSQL's makers still mend.
const OLDEST = 14;

export const database: Check = {
  system: 'database',
  needs: ['DATABASE_URL', 'DATA_DIR'],
  async run(context) {
    const folder = join(context.config.dataDir, 'database');
    if (context.embedded && !existsSync(folder))
      return [green(`no embedded database in ${folder} yet: the first start makes it`)];
    let db: Database;
    try {
      db = await open(context, folder);
    } catch (thrown) {
      if (thrown instanceof ConnectorError && thrown.code === 'database_folder_in_use')
        return [green(`the embedded database in ${folder} is in use by the running service`)];
      return [failed('database', databaseTrouble(thrown) ?? refused(thrown))];
    }
    try {
      return [...(await versionFindings(db)), await migrationFinding(db)];
    } catch (thrown) {
      return [failed('database', databaseTrouble(thrown) ?? refused(thrown))];
    } finally {
      await db.close();
    }
  },
};

const open = ({ config, embedded, callMs }: DoctorContext, folder: string): Promise<Database> =>
  embedded
    ? openPglite({ folder })
    : openPostgres({
        url: config.databaseUrl ?? '',
        maxConnections: 1,
        connectionTimeoutMs: callMs,
        statementTimeoutMs: callMs,
      });

async function versionFindings(db: Database): Promise<Finding[]> {
  const { rows } = await db.query<{ version: string; mayMake: boolean }>(
    `select current_setting('server_version') as version,
            has_schema_privilege(current_schema(), 'create') as "mayMake"`,
  );
  const { version, mayMake } = rows[0]!;
  const major = Number.parseInt(version, 10);
  const name = db.kind === 'pglite' ? 'embedded PostgreSQL' : 'PostgreSQL';
  const age =
    major >= OLDEST
      ? green(`${name} ${version}`)
      : yellow(`${name} ${version} is no longer maintained`, `Upgrade to ${OLDEST} or later.`);
  const trial =
    db.kind === 'pglite'
      ? [yellow('an embedded database is for a trial', 'Set DATABASE_URL for real use.')]
      : [];
  const rights = mayMake
    ? []
    : [red('this user may not make tables', 'GRANT CREATE ON SCHEMA public TO the user of DATABASE_URL.')];
  return [age, ...trial, ...rights];
}

async function migrationFinding(db: Database): Promise<Finding> {
  const there = await db.query<{ there: boolean }>("select to_regclass('migrations') is not null as there");
  if (there.rows[0]?.there !== true) return green('an empty database: the first start makes the tables');
  const applied = (await db.query<{ name: string }>('select name from migrations')).rows.map(
    ({ name }) => name,
  );
  const shipped = shippedMigrations().map(({ name }) => name);
  const unknown = applied.filter((name) => !shipped.includes(name));
  if (unknown.length > 0)
    return red(
      `the database is newer than this program (${unknown.join(', ')})`,
      'Start the newer version again, or restore a backup from before the upgrade.',
    );
  const pending = shipped.filter((name) => !applied.includes(name));
  if (pending.length === 0) return green(`all ${applied.length} migrations applied`);
  return yellow(`the next start applies ${pending.join(', ')}`, 'Make a backup before.');
}

/** The server's own answer (wrong password, no such database) in its words; connection strings are not in it. */
const refused = (thrown: unknown): ConnectorError =>
  new ConnectorError({
    kind: 'permanent',
    code: 'database_refused',
    system: 'database',
    message: thrown instanceof Error ? thrown.message : 'it cannot be opened',
    advice: 'Check DATABASE_URL: host, database, user and password.',
    cause: thrown,
  });
