/** The connector as a process of its own, as it runs in production. */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** With its log in a file. */
export function startConnector(env: Readonly<Record<string, string>>, logFile: string): ChildProcess {
  const main = new URL('../../../connector/main.ts', import.meta.url).pathname;
  const log = openSync(logFile, 'w');
  return spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, TRUST_PROXY: '1', ...env },
    stdio: ['ignore', log, log],
  });
}

/** @throws Error after 30 s, or when it ended */
export async function ready(publicUrl: string, connector: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (connector.exitCode !== null) throw new Error(`the connector ended with ${connector.exitCode}`);
    const answer = await fetch(`${publicUrl}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error('the connector did not become ready within 30 s');
}
