/** Starts connector processes and knows which of them holds which connection. */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ChildOrders, FromChild, ToChild } from './point.ts';

export interface ConnectorProcess {
  readonly pid: number;
  /** Resolves once it listens. @throws Error when it refuses to start or dies before */
  readonly ready: Promise<void>;
  /** Resolves when it is gone, with the signal that ended it. */
  readonly gone: Promise<NodeJS.Signals | null>;
  /** The run it works on. */
  run(): string | undefined;
  owns(socket: string): boolean;
  kill(): void;
  /** As an operator stops it. */
  stop(): Promise<void>;
}

export function startProcess(input: {
  orders: ChildOrders;
  env: Readonly<Record<string, string>>;
  /** Answers where to die in this run. */
  onRun?: (run: string, process: ConnectorProcess) => ToChild;
}): ConnectorProcess {
  const child: ChildProcess = fork(new URL('child.ts', import.meta.url), {
    env: { ...input.env, PATH: process.env.PATH!, NODE_COMPILE_CACHE: '/tmp/connector-chaos-cache' },
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const sockets = new Set<string>();
  let current: string | undefined;
  const gone = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('exit', (_code, signal) => resolve(signal)),
  );
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message: FromChild) => {
      if (message.is === 'ready') resolve();
      else if (message.is === 'refused')
        reject(Object.assign(new Error(message.message), { code: message.code }));
      else if (message.is === 'connected') sockets.add(message.socket);
      else {
        current = message.run;
        child.send(input.onRun?.(message.run, self) ?? { point: null });
      }
    });
    child.once('exit', (code, signal) =>
      reject(new Error(`ended by ${signal ?? code} before it was ready\n${tail(input.orders.logFile)}`)),
    );
  });
  ready.catch(() => {});
  const self: ConnectorProcess = {
    pid: child.pid!,
    ready,
    gone,
    run: () => current,
    owns: (socket) => sockets.has(socket),
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
  };
  child.send(input.orders);
  // Whoever ends without stopping it must not leave it behind.
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  void gone.then(() => process.off('exit', end));
  return self;
}

function tail(file: string): string {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(-15).join('\n');
  } catch {
    return '';
  }
}
