/** An installation on a sandbox world, and the doctor looking at it. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../../connector/log.ts';
import type { SystemFinding } from '../../../scripts/commands/doctor/examine.ts';
import { runDoctor } from '../../../scripts/commands/doctor.ts';
import { freePort } from '../../../scripts/demo/free-port.ts';
import { prepareInstallation } from '../../../scripts/demo/prepare.ts';
import type { World, WorldOptions } from '../../../scripts/sandbox/world.ts';
import { startTestWorld } from '../../support/sandbox.ts';

type Env = Readonly<Record<string, string>>;

export interface Diagnosis {
  readonly code: number;
  readonly output: string;
  readonly findings: readonly SystemFinding[];
  /** Lines of one system as `colour text`. */
  of(system: string): string[];
}

export interface Patient {
  readonly world: World;
  readonly env: Env;
  look(change?: Env, surroundings?: Parameters<typeof runDoctor>[2]): Promise<Diagnosis>;
}

export async function prepared(options: WorldOptions = {}): Promise<Patient> {
  const world = await startTestWorld(options);
  const env = await prepareInstallation({
    folder: mkdtempSync(join(tmpdir(), 'doctor-')),
    env: world.env,
    publicUrl: `http://127.0.0.1:${await freePort(0)}`,
    log: createLog({ level: 'silent' }),
    print: () => {},
  });
  return {
    world,
    env,
    look: (change = {}, surroundings = {}) => diagnose({ ...env, ...change }, surroundings),
  };
}

/** An empty text counts as not set. */
export async function diagnose(
  env: Env,
  surroundings: Parameters<typeof runDoctor>[2] = {},
): Promise<Diagnosis> {
  const said: string[] = [];
  const argv = env.DATABASE_URL === undefined ? ['--embedded', '--json'] : ['--json'];
  // A busy machine is no finding.
  const patient = { callMs: 30_000, wholeMs: 60_000, print: (text: string) => void said.push(text) };
  const code = await runDoctor(argv, env, { ...patient, ...surroundings });
  const output = said.join('\n');
  const { findings } = JSON.parse(output) as { findings: SystemFinding[] };
  const of = (system: string) =>
    findings.filter((each) => each.system === system).map(({ colour, text }) => `${colour} ${text}`);
  return { code, output, findings, of };
}

/** A copy of the project's mappings with one file changed. */
export function mappingsWith(file: string, change: (content: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), 'mappings-'));
  cpSync(new URL('../../../mappings', import.meta.url), folder, { recursive: true });
  writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')));
  return folder;
}
