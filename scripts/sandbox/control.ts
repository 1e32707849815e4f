/**
 * The world's remote control: JSON over HTTP, so that other processes can order faults, move the clock and act as people.
 *
 * - `GET /api/world` addresses, environment and time
 * - `GET|POST|DELETE /api/faults` (a Fault; `times: null` means for ever)
 * - `POST /api/delay {system, ms}`
 * - `GET|DELETE /api/counts`
 * - `GET /api/clock`, `POST /api/clock {advanceMs}`
 * - `GET /api/state/<system>` its collections
 * - `POST /api/systems/<system>/<function>` with a JSON array of arguments: calls that function of the system's handle
 *   (`odoo/staff.archiveUser`), or reads that value
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { SandboxClock } from './clock.ts';
import { controlPage } from './control-page.ts';
import type { Counts } from './counts.ts';
import type { Fault, FaultBook } from './faults.ts';
import { type Listener, listen } from './listener.ts';

type Page = (req: IncomingMessage, res: ServerResponse, path: string) => void;

interface ControlDeps {
  port?: number | undefined;
  faults: FaultBook;
  counts: Counts;
  clock: SandboxClock;
  delay: (system: string, ms: number) => void;
  urls: Readonly<Record<string, string>>;
  env: Readonly<Record<string, string>>;
  systems: Readonly<Record<string, unknown>>;
  dump: (system: string) => Record<string, unknown[]>;
  /** Pages mounted under `/<name>`. */
  pages: Readonly<Record<string, Page>>;
}

interface Call {
  readonly method: string;
  readonly path: readonly string[];
  readonly body: unknown;
}

/** Parts of a handle that are the frame's, not a person's. */
const NOT_CALLABLE = new Set(['handler', 'operation', 'stop']);

export async function startControl(deps: ControlDeps): Promise<{ url: string; listener: Listener }> {
  const serve = async (req: IncomingMessage, res: ServerResponse) => {
    const path = new URL(req.url ?? '/', 'http://sandbox').pathname;
    const [area = '', ...rest] = path.slice(1).split('/');
    const page = deps.pages[area];
    if (page !== undefined) return page(req, res, rest.join('/'));
    if (area === '') return html(res, controlPage({ urls: deps.urls, env: deps.env, now: deps.clock.now() }));
    if (area !== 'api') return json(res, 404, { message: 'no such page' });
    // A web page cannot send this type across origins without asking first, so none can play with the sandbox.
    if (req.method === 'POST' && !req.headers['content-type']?.startsWith('application/json'))
      return json(res, 415, { message: 'send application/json' });
    const body = await readJson(req);
    const answer = await route(deps, { method: req.method ?? 'GET', path: rest, body });
    json(res, answer === undefined ? 404 : 200, answer ?? { message: 'no such call' });
  };

  const server = createServer((req, res) => {
    serve(req, res).catch((thrown: unknown) =>
      json(res, 400, { message: thrown instanceof Error ? thrown.message : String(thrown) }),
    );
  });
  const listener = await listen(server, {
    port: deps.port,
    dropConnections: () => server.closeAllConnections(),
  });
  return { url: `http://127.0.0.1:${listener.port}`, listener };
}

/** Undefined: there is no such call. */
async function route(deps: ControlDeps, { method, path, body }: Call): Promise<unknown> {
  const [area, name, action] = path;
  switch (`${method} ${area}`) {
    case 'GET world':
      return { urls: deps.urls, env: deps.env, now: deps.clock.now() };
    case 'GET faults':
      return deps.faults.pending();
    case 'POST faults':
      deps.faults.add(asFault(body));
      return { ok: true };
    case 'DELETE faults':
      deps.faults.clear();
      return { ok: true };
    case 'POST delay': {
      const { system, ms } = body as { system: string; ms: number };
      deps.delay(system, ms);
      return { ok: true };
    }
    case 'GET counts':
      return deps.counts.all();
    case 'DELETE counts':
      deps.counts.reset();
      return { ok: true };
    case 'GET clock':
      return { now: deps.clock.now() };
    case 'POST clock':
      await deps.clock.advance((body as { advanceMs: number }).advanceMs);
      return { now: deps.clock.now() };
    case 'GET state':
      return name === undefined ? undefined : deps.dump(name);
    case 'POST systems':
      return callHandle(deps, { system: name, action, args: body });
    default:
      return undefined;
  }
}

function asFault(body: unknown): Fault {
  const fault = body as Omit<Fault, 'times'> & { times: number | null };
  if (typeof fault.system !== 'string' || typeof fault.kind !== 'string')
    throw new TypeError('a fault names its system and kind');
  return { ...fault, times: fault.times ?? Number.POSITIVE_INFINITY };
}

async function callHandle(
  deps: ControlDeps,
  call: { system: string | undefined; action: string | undefined; args: unknown },
): Promise<unknown> {
  let found: unknown = deps.systems[call.system ?? ''];
  for (const name of (call.action ?? '').split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name) || NOT_CALLABLE.has(name))
      return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return {
    result: typeof found === 'function' ? await found(...(Array.isArray(call.args) ? call.args : [])) : found,
  };
}

async function readJson(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
}

function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body, null, 2));
}

function html(res: ServerResponse, body: string): void {
  res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(body);
}
