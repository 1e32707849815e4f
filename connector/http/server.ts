/** One HTTP server, composed of routers: request id, headers, log, routers, problem documents. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express, type Router } from 'express';
import { ConnectorError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type HealthPort, healthRouter } from './health.ts';
import { createRequestCounter } from './metrics.ts';
import { notFoundHandler, problemHandler } from './problem.ts';
import { requestContext } from './request-context.ts';
import { securityHeaders } from './security-headers.ts';

export interface HttpServerDeps {
  readonly log: Log;
  readonly publicUrl: string;
  /** TRUST_PROXY: a number of hops, or Express' list of addresses. */
  readonly trustProxy: string | undefined;
  readonly health: HealthPort;
  /** CONNECTOR_API_KEYS: with one of them figures may be read from anywhere; from a private network without. */
  readonly apiKeys?: readonly string[];
  /** In order; each brings its own body parser. */
  readonly routers: readonly Router[];
  /** Stands before Express: what must not pay for it (webhook deliveries). */
  readonly ahead?: (rest: RequestListener) => RequestListener;
}

export interface RunningServer {
  readonly port: number;
  readonly url: string;
  /** Stops accepting, lets answers under way end for `graceMs`, then cuts what is left. */
  close(graceMs?: number): Promise<void>;
}

export interface HttpServer {
  readonly app: Express;
  /** @param port 0 picks a free one */
  listen(port: number, host?: string): Promise<RunningServer>;
}

export function createHttpServer(deps: HttpServerDeps): HttpServer {
  const app = express();
  const counter = createRequestCounter();
  app.disable('x-powered-by');
  app.disable('etag');
  if (deps.trustProxy !== undefined)
    app.set('trust proxy', /^\d+$/.test(deps.trustProxy) ? Number(deps.trustProxy) : deps.trustProxy);
  app.use(requestContext({ log: deps.log, counter }));
  app.use(securityHeaders(deps.publicUrl));
  app.use(healthRouter({ health: deps.health, counter, apiKeys: deps.apiKeys ?? [] }));
  for (const router of deps.routers) app.use(router);
  app.use(notFoundHandler);
  app.use(problemHandler(deps.log));
  const listener = deps.ahead?.(app) ?? app;
  return { app, listen: (port, host) => listen(listener, port, host) };
}

function listen(listener: RequestListener, port: number, host = '0.0.0.0'): Promise<RunningServer> {
  const server = createServer(listener);
  // A client that sends its headers or body drop by drop holds a connection no longer than this.
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) => reject(notListening(error, port));
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      const bound = (server.address() as AddressInfo).port;
      resolve({
        port: bound,
        url: `http://127.0.0.1:${bound}`,
        close: (graceMs = 5000) =>
          new Promise<void>((closed) => {
            const cut = setTimeout(() => server.closeAllConnections(), graceMs);
            server.close(() => {
              clearTimeout(cut);
              closed();
            });
            server.closeIdleConnections();
          }),
      });
    });
  });
}

function notListening(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return error;
  return new ConnectorError({
    kind: 'permanent',
    code: 'port_not_free',
    message: `cannot listen on port ${port} (${error.code})`,
    advice: 'Set PORT to one that is free and that this user may open, or stop what listens there.',
    cause: error,
  });
}
