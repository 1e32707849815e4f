/** Where a demo keeps its database and the sandbox's state: a new folder each time, the last one with --resume. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConnectorError } from '../../connector/errors.ts';

const ROOT = '.data/demo';

/** @throws ConnectorError permanent `demo_nothing_to_resume` */
export function demoFolder(resume: boolean, now: Date): string {
  if (!resume) {
    // Sorts by time; two demos started in one second still differ.
    const name = `${now.toISOString().replace(/[:.]/g, '-')}-${process.pid}`;
    const folder = join(ROOT, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }
  const last = existsSync(ROOT) ? readdirSync(ROOT).sort().at(-1) : undefined;
  if (last !== undefined) return join(ROOT, last);
  throw new ConnectorError({
    kind: 'permanent',
    code: 'demo_nothing_to_resume',
    message: `there is no demo under ${ROOT}`,
    advice: 'Start one without --resume.',
  });
}

/** What a demo must remember to be taken up again wherever it was killed. */
export interface DemoState {
  readonly port: number;
  readonly plan: string;
  /** Sets this demo's customer apart, and makes the repeated purchase the same one. */
  readonly tag: string;
  /** Null: not bought yet. */
  readonly orderUrl: string | null;
  /** Of its database, as outside systems know it; null: not made yet. */
  readonly installation: string | null;
}

/** The folder of the demo whose database that is; undefined: none here. */
export function demoOfInstallation(installation: string): string | undefined {
  return readdirSync(ROOT)
    .map((name) => join(ROOT, name))
    .find((folder) => readState(folder)?.installation === installation);
}

export function readState(folder: string): DemoState | null {
  const file = join(folder, 'demo.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DemoState) : null;
}

export function writeState(folder: string, state: DemoState): void {
  // The order's address is a key to it.
  writeWhole(join(folder, 'demo.json'), JSON.stringify(state));
}

/** Written beside and moved, readable by the owner alone: a kill leaves the old content or the new, never half of it. */
export function writeWhole(file: string, content: string): void {
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
