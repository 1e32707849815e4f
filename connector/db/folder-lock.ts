/**
 * One process per folder of the embedded database: two would silently lose rows.
 * SQLite's exclusive lock is the operating system's, so it ends with the process, also after `kill -9`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConnectorError } from '../errors.ts';

const SQLITE_BUSY = 5;

export interface FolderLock {
  release(): void;
}

/** @throws ConnectorError `database_folder_in_use`, naming the process that has it. */
export function lockFolder(folder: string): FolderLock {
  const path = resolve(folder);
  const lock = new DatabaseSync(`${path}.lock`);
  try {
    lock.exec('pragma busy_timeout = 0; pragma locking_mode = exclusive; begin exclusive');
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) throw inUse(path, error);
    throw error;
  }
  // Beside the lock, because a locked SQLite file cannot be read by the one who is refused.
  writeFileSync(`${path}.owner`, `process ${process.pid}, since ${new Date().toISOString()}\n`);
  let held = true;
  return {
    release() {
      if (held) lock.close();
      held = false;
    },
  };
}

function inUse(path: string, cause: unknown): ConnectorError {
  let owner = 'another process';
  try {
    owner = readFileSync(`${path}.owner`, 'utf8').trim();
  } catch {
    // The other process has the lock and has not written its name yet.
  }
  return new ConnectorError({
    kind: 'permanent',
    code: 'database_folder_in_use',
    message: `The embedded database in ${path} is in use by ${owner}.`,
    advice:
      'Stop that process, or choose another folder with DATA_DIR; several instances need PostgreSQL (DATABASE_URL).',
    system: 'database',
    cause,
  });
}
