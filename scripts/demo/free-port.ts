/** A port nobody listens on, the wished one if it is free. */
import { createServer } from 'node:net';

export async function freePort(wished: number): Promise<number> {
  return (await probe(wished)) ?? (await probe(0))!;
}

function probe(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}
