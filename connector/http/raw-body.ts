import type { IncomingMessage } from 'node:http';

/** What is thrown away of a body that is too large, so that its sender reads our answer instead of a reset. */
const DISCARDED_AT_MOST = 16 * 1024 * 1024;

/**
 * Reads a request's body as it came.
 * @returns `too_large` beyond `limit` bytes, `aborted` when the sender went away (there is nobody to answer).
 */
export function readRawBody(req: IncomingMessage, limit: number): Promise<Buffer | 'too_large' | 'aborted'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
      if (size > DISCARDED_AT_MOST) req.destroy();
    });
    req.on('end', () => {
      if (size > limit) resolve('too_large');
      else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    req.on('close', () => resolve('aborted')); // after `end` without effect
    req.on('error', () => resolve('aborted'));
  });
}
