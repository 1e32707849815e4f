/** Serves one HTTP system: buffers, counts, delays, fails on order, then lets the system's handler answer. */
import { createServer, IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Counts } from './counts.ts';
import { faultAnswer } from './fault-answers.ts';
import type { Fault, FaultBook } from './faults.ts';
import { type Listener, listen } from './listener.ts';
import type { BufferedRequest, HttpSystem, ReplayedRequest } from './system.ts';
import type { Trace } from './trace.ts';

const MAX_BODY_BYTES = 64 * 1024 * 1024;

export interface ServedSystem {
  /** Known only once the listener has its port. */
  attach(system: HttpSystem): void;
  readonly url: string;
  readonly listener: Listener;
}

/** Listens first and attaches the system after, because a system's handler may need to know its own address. */
export async function serveSystem(deps: {
  port?: number | undefined;
  counts: Counts;
  faults: Pick<FaultBook, 'take' | 'hold'>;
  delayMs: (system: string) => number;
  trace?: Pick<Trace, 'begin'>;
  log: (line: string) => void;
}): Promise<ServedSystem> {
  let attached: HttpSystem | undefined;

  const serve = async (req: IncomingMessage, res: ServerResponse) => {
    const body = await readBody(req);
    const system = attached;
    if (system === undefined) return void res.writeHead(503).end();
    if (body === undefined) return void res.writeHead(413, { connection: 'close' }).end();
    const request = { method: req.method ?? 'GET', url: req.url ?? '/', headers: req.headers, body };
    const operation = system.operation(request);
    deps.counts.add(system.name, operation);
    if (deps.trace !== undefined) res.once('finish', deps.trace.begin(system.name, operation));
    const delay = deps.delayMs(system.name);
    if (delay > 0) await sleep(delay);
    const fault = deps.faults.take(system.name, operation);
    if (fault !== undefined) deps.log(`${system.name}: ${fault.kind} for ${operation}`);
    if (fault === undefined || !failInstead({ system, fault, request, res })) {
      if (fault?.kind === 'reset_after') {
        const { localPort: serverPort = 0, remotePort: clientPort = 0 } = req.socket;
        insteadOfAnswering(res, () => {
          if (fault.silent) deps.faults.hold({ system: system.name, operation, serverPort, clientPort });
          else req.socket.resetAndDestroy();
        });
      }
      system.handler(replay(req, body), res);
    }
  };

  const server = createServer((req, res) => {
    serve(req, res).catch((thrown: unknown) => {
      deps.log(`${attached?.name ?? 'system'}: ${thrown instanceof Error ? thrown.stack : thrown}`);
      if (res.headersSent) res.destroy();
      else res.writeHead(500, { 'content-type': 'text/plain' }).end('the sandbox failed');
    });
  });
  // Clients pool connections for long; a reset from our side between two calls would be a fault nobody ordered.
  server.keepAliveTimeout = 120_000;
  server.requestTimeout = 0;
  const listener = await listen(server, {
    port: deps.port,
    dropConnections: () => server.closeAllConnections(),
  });

  return {
    attach(system) {
      attached = system;
    },
    url: `http://127.0.0.1:${listener.port}`,
    listener,
  };
}

/** False: the handler is to run (no fault that replaces it). */
function failInstead(input: {
  system: HttpSystem;
  fault: Fault;
  request: BufferedRequest;
  res: ServerResponse;
}): boolean {
  const { system, fault, request, res } = input;
  if (fault.kind === 'reset_after') return false;
  if (fault.kind === 'timeout') return true;
  if (fault.kind === 'reset_before') {
    res.socket?.resetAndDestroy();
    return true;
  }
  const answer = faultAnswer(system.name, fault, request);
  res.writeHead(answer.status, answer.headers).end(answer.body);
  return true;
}

/** The handler works on as usual; its answer is thrown away, and `then` comes in its place. */
function insteadOfAnswering(res: ServerResponse, then: () => void): void {
  res.write = () => true;
  res.flushHeaders = () => {};
  res.end = () => {
    then();
    return res;
  };
}

/** Undefined: larger than the frame takes. */
async function readBody(req: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}

/** A fresh request with the same head and the body still to be read, so that any body parser works on it. */
function replay(req: IncomingMessage, body: Buffer): ReplayedRequest {
  const copy = new IncomingMessage(req.socket) as IncomingMessage & { rawBody: Buffer };
  copy.method = req.method ?? 'GET';
  copy.url = req.url ?? '/';
  copy.rawHeaders = req.rawHeaders;
  copy.headers = req.headers;
  copy.httpVersion = req.httpVersion;
  copy.httpVersionMajor = req.httpVersionMajor;
  copy.httpVersionMinor = req.httpVersionMinor;
  // Parsers take an unfinished message for one whose client went away.
  copy.complete = true;
  copy.rawBody = body;
  if (body.length > 0) copy.push(body);
  copy.push(null);
  return copy;
}
