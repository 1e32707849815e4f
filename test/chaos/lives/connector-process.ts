/** Starts connectors as processes of their own, kills them with SIGKILL, and keeps their clock with the world's. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

/** What the child gets with its first message. */
export interface LifeOrders {
  readonly databaseUrl: string;
  readonly logFile: string;
  /** How far its clock is ahead of real time. */
  readonly aheadMs: number;
}

export interface ConnectorProcess {
  /** As long as nobody has killed it. */
  alive(): boolean;
  /** Resolves once the child lives at that time. */
  moveClock(aheadMs: number): Promise<void>;
  /** No drain and no goodbye. Resolves when it is gone. */
  kill(): Promise<void>;
  /** As an operator stops it. */
  stop(): Promise<void>;
}

/** Resolves once it listens. @throws Error when it ends before, with its log's place */
export async function startConnectorProcess(input: {
  orders: LifeOrders;
  env: Readonly<Record<string, string>>;
}): Promise<ConnectorProcess> {
  const { orders, env } = input;
  const log = openSync(orders.logFile, 'a');
  const child: ChildProcess = fork(new URL('child.ts', import.meta.url), {
    env: { ...env, PATH: process.env.PATH!, NODE_COMPILE_CACHE: '/tmp/connector-chaos-cache' },
    execArgv: [],
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  let killed = false;
  const gone = once(child, 'exit');
  // Whoever ends without stopping it must not leave it behind.
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  void gone.then(() => process.off('exit', end));
  const answer = async (): Promise<void> => {
    const ended = gone.then(() => {
      throw new Error(`the connector ended; its log: ${orders.logFile}`);
    });
    await Promise.race([once(child, 'message'), ended]);
  };
  child.send(orders);
  await answer();
  return {
    alive: () => !killed,
    async moveClock(aheadMs) {
      child.send({ aheadMs });
      await answer();
    },
    async kill() {
      killed = true;
      child.kill('SIGKILL');
      await gone;
    },
    async stop() {
      killed = true;
      child.kill('SIGTERM');
      await gone;
    },
  };
}
