/** Writes answers as Odoo's threaded server does: one request per connection. */
import type { ServerResponse } from 'node:http';
import { OdooError } from '../errors.ts';

export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  send(res, status, 'application/json; charset=utf-8', JSON.stringify(body), headers);
}

export function sendHtml(
  res: ServerResponse,
  status: number,
  html: string,
  headers: Record<string, string> = {},
): void {
  send(res, status, 'text/html; charset=utf-8', html, headers);
}

export function send(
  res: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): void {
  res
    .writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      connection: 'close',
      ...headers,
    })
    .end(body);
}

/** A mistake of the sandbox itself answers like any Python error: the client must cope, and the log tells. */
export const asOdooError = (thrown: unknown, log: (line: string) => void): OdooError => {
  if (thrown instanceof OdooError) return thrown;
  log(`odoo: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
  return new OdooError(
    'builtins.RuntimeError',
    `the sandbox failed: ${thrown instanceof Error ? thrown.message : thrown}`,
  );
};

export const describeError = (error: OdooError) => ({
  name: error.exception,
  message: error.message,
  arguments: [error.message],
  context: {},
  debug: `Traceback (most recent call last):\n  …\n${error.exception}: ${error.message}\n`,
});
