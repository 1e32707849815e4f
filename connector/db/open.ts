/** The database a process runs on: PostgreSQL when there is a URL, else the embedded one in its folder; migrated. */
import { join } from 'node:path';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';
import { openPglite } from './pglite.ts';
import { openPostgres } from './postgres.ts';

export type DatabaseChoice =
  | {
      readonly url: string;
      readonly maxConnections?: number;
      readonly onIdleError?: (error: Error) => void;
    }
  | { readonly dataDir: string };

/**
 * Opens and migrates. The embedded database lies in `<dataDir>/database`.
 * @throws ConnectorError `database_folder_in_use`, `migration_changed`, `database_is_newer`; pg's own error when the
 * server cannot be reached.
 */
export async function openDatabase(choice: DatabaseChoice): Promise<Database> {
  const db =
    'url' in choice
      ? await openPostgres(choice)
      : await openPglite({ folder: join(choice.dataDir, 'database') });
  try {
    await migrate(db);
  } catch (error) {
    await db.close();
    throw error;
  }
  return db;
}
