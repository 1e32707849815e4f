/** The demo as a user runs it: a process of its own, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

const SCRIPT = new URL('../../scripts/demo.ts', import.meta.url).pathname;

export interface Demo {
  readonly child: ChildProcess;
  /** Standard output and error so far. */
  output(): string;
  readonly exit: Promise<number | null>;
  /** Standard output's last line, which `--json` promises to be JSON. */
  lastLine(): string;
}

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'demo-'));

export function startDemo(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Demo {
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let out = '';
  let all = '';
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
    all += String(chunk);
  });
  child.stderr.on('data', (chunk) => (all += String(chunk)));
  return {
    child,
    output: () => all,
    exit: new Promise((resolve) => child.on('close', resolve)),
    lastLine: () => out.trimEnd().split('\n').at(-1) ?? '',
  };
}

export interface DemoJson {
  readonly ok: boolean;
  readonly run: {
    readonly id: string;
    readonly status: string;
    readonly steps: readonly { name: string; status: string; attempts: number; ms: number }[];
  };
  readonly erp: {
    readonly partnerId: number;
    readonly opportunity: { id: number; stage: string; probability: number; won: boolean };
    readonly workspaceId: number;
    readonly driver: string;
    readonly folders: readonly string[];
    readonly documents: readonly string[];
    readonly userIds: readonly number[];
    readonly subscription: { id: number; status: string; tier: string };
  };
  readonly storage: { readonly bucket: string; readonly keyId: string; readonly files: readonly string[] };
  readonly mail: readonly { to: string; subject: string; attachments: readonly string[] }[];
  readonly notReadBack?: readonly string[];
  readonly ms: number;
}

/** Runs a demo to its end. @throws with all it wrote when the last line is no JSON */
export async function demoJson(cwd: string, args: readonly string[]): Promise<DemoJson> {
  const demo = startDemo(cwd, ['--exit', '--json', ...args]);
  const code = await demo.exit;
  try {
    return JSON.parse(demo.lastLine()) as DemoJson;
  } catch (cause) {
    throw new Error(`exit ${code}: ${demo.output()}`, { cause });
  }
}
