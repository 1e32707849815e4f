/** One listening port that can go away and come back, as a system that is down does. */
import type { Server } from 'node:net';

export interface Listener {
  /** The port, the same after each outage. */
  readonly port: number;
  /** Refuses connects for `ms` (Infinity: until `up`) and drops what is connected. */
  down(ms: number): void;
  up(): void;
  stop(): Promise<void>;
}

/** Listens on 127.0.0.1 at `port`, or at a free one when it is taken or not given. */
export async function listen(
  server: Server,
  options: { port?: number | undefined; dropConnections: () => void },
): Promise<Listener> {
  const port = await listenAt(server, options.port ?? 0).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error;
    return listenAt(server, 0);
  });
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let closing: Promise<void> = Promise.resolve();

  const close = () => {
    closing = new Promise((resolve) => server.close(() => resolve()));
    options.dropConnections();
  };

  const up = () => {
    clearTimeout(timer);
    closing = closing.then(async () => {
      if (!stopped && !server.listening) await listenAt(server, port);
    });
    // Somebody else took the port meanwhile: the outage lasts, as it would for a real server.
    closing.catch(() => {});
  };

  return {
    port,
    down(ms) {
      clearTimeout(timer);
      if (server.listening) close();
      if (Number.isFinite(ms)) timer = setTimeout(up, ms).unref();
    },
    up,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await closing.catch(() => {});
      if (server.listening) close();
      await closing;
    },
  };
}

function listenAt(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1' }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
