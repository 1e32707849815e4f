/** Processes of a benchmark: each says `ready <json>` on its output when it can be used. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Child<Ready> {
  readonly ready: Ready;
  readonly pid: number;
  /** Sends a line and waits for the next answer. */
  ask<Answer>(line: string): Promise<Answer>;
  stop(): Promise<void>;
}

/**
 * @param file relative to this folder
 * @param flags of Node
 */
export async function startChild<Ready>(
  file: string,
  settings: unknown,
  flags: readonly string[] = [],
): Promise<Child<Ready>> {
  const child: ChildProcess = spawn(
    process.execPath,
    [...flags, fileURLToPath(new URL(file, import.meta.url)), JSON.stringify(settings)],
    { stdio: ['pipe', 'pipe', process.env.BENCH_LOG ? 'inherit' : 'ignore'] },
  );
  const lines: string[] = [];
  const readers: ((line: string) => void)[] = [];
  let ended: Error | undefined;
  const failures: ((error: Error) => void)[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const reader = readers.shift();
    if (reader === undefined) lines.push(line);
    else reader(line);
  });
  child.once('exit', (code) => {
    ended = new Error(`${file} ended with code ${code}`);
    for (const fail of failures) fail(ended);
  });
  const nextLine = () =>
    new Promise<string>((resolve, reject) => {
      const line = lines.shift();
      if (line !== undefined) return resolve(line);
      if (ended !== undefined) return reject(ended);
      readers.push(resolve);
      failures.push(reject);
    });
  return {
    ready: JSON.parse(await nextLine()) as Ready,
    pid: child.pid!,
    async ask<Answer>(line: string) {
      child.stdin!.write(`${line}\n`);
      return JSON.parse(await nextLine()) as Answer;
    },
    stop: () =>
      new Promise((resolve) => {
        if (ended !== undefined) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}

export const settings = <T>(): T => JSON.parse(process.argv[2]!) as T;
export const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** Answers each line of standard input. */
export function answering(answer: (line: string) => Promise<unknown>): void {
  createInterface({ input: process.stdin }).on('line', (line) => void answer(line).then(say));
}
