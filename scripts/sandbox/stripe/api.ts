/** Answers one request to the API: key, limits, idempotency, parameters, endpoint, expansion. */
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReplayedRequest } from '../system.ts';
import { ACCOUNT_ID, API_VERSION, type Core, SECRET_KEY } from './core.ts';
import { StripeFault } from './errors.ts';
import { expandAll } from './expand.ts';
import { parseForm } from './form-body.ts';
import { createIdempotency, fingerprintOf } from './idempotency.ts';
import { newId } from './ids.ts';
import { createLinks } from './links.ts';
import { renderObject } from './old-shape.ts';
import { readParams } from './params.ts';
import { createReadLimit } from './read-limit.ts';
import { findRoute } from './routes.ts';
import { momentOf } from './test-clocks.ts';
import { trimLines } from './trim-lines.ts';

export interface Api {
  handle(req: ReplayedRequest, res: ServerResponse): Promise<void>;
  /** The next request of this operation is answered 500, once; with an idempotency key for good. */
  failNext(operation: string): void;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function createApi(core: Core): Api {
  const idempotency = createIdempotency(core);
  const limit = createReadLimit(core);
  const links = createLinks(core);
  const failures = new Set<string>();

  const handle: Api['handle'] = async (req, res) => {
    const url = new URL(req.url ?? '/', 'http://sandbox');
    const requestId = newId('req');
    const key = req.method === 'POST' ? header(req, 'idempotency-key') : undefined;
    const answer = await serve({ req, url, requestId, key }).catch((thrown: unknown) => {
      if (thrown instanceof StripeFault) return faultAnswer(thrown);
      core.log(`stripe: ${thrown instanceof Error ? thrown.stack : thrown}`);
      return faultAnswer(serverError());
    });
    res
      .writeHead(answer.status, {
        'content-type': 'application/json',
        'request-id': requestId,
        'stripe-version': header(req, 'stripe-version') ?? API_VERSION,
        'stripe-account': ACCOUNT_ID,
        ...(key !== undefined && { 'idempotency-key': key, 'original-request': requestId }),
        ...answer.headers,
      })
      .end(answer.body);
  };

  const serve = async (input: Served): Promise<Answer> => {
    const { req, url, key } = input;
    authenticate(req);
    if (req.method === 'GET') limit();
    if (key === undefined) {
      if (req.method === 'POST') await slow(core);
      return run(input);
    }
    const fingerprint = fingerprintOf('POST', url.pathname, req.rawBody.toString());
    const kept = idempotency.begin(key, fingerprint);
    if (kept) return { ...kept, headers: { 'idempotent-replayed': 'true' } };
    try {
      await slow(core);
      // Effect and kept answer reach the disk together: a kill between them would let a repeat do it twice.
      return core.during({ id: input.requestId, idempotency_key: key }, () => {
        const answer = run(input);
        idempotency.keep(key, fingerprint, answer);
        return answer;
      });
    } catch (thrown) {
      if (thrown instanceof StripeFault && !thrown.executed) idempotency.forget(key);
      else {
        const answer = faultAnswer(thrown instanceof StripeFault ? thrown : serverError());
        idempotency.keep(key, fingerprint, answer);
      }
      throw thrown;
    }
  };

  const run = ({ req, url, requestId, key }: Served): Answer => {
    const method = req.method ?? 'GET';
    const found = findRoute(method, url.pathname);
    if (!found) throw unknownUrl(method, url.pathname);
    if (failures.delete(`${method} ${found.route.path}`)) throw serverError();
    const form = parseForm(
      method === 'POST' ? req.rawBody.toString() : `${url.search.slice(1)}&${req.rawBody}`,
    );
    const params = readParams<{ expand?: string[] }>(found.route.fields, form);
    const moment = momentOf(core, [...Object.values(found.path), ...textsOf(params)]);
    const object = core.during({ id: requestId, idempotency_key: key ?? null }, () => {
      const work = () =>
        expandAll(core, found.route.run({ core, path: found.path, params }), params.expand ?? []);
      return moment === undefined ? work() : core.at(moment, work);
    });
    const version = header(req, 'stripe-version') ?? API_VERSION;
    const shown = version < '2026-03-25' ? renderObject(object, { version, links }) : object;
    return { status: 200, body: JSON.stringify(trimLines(shown), null, 2) };
  };

  return { handle, failNext: (operation) => void failures.add(operation) };
}

interface Served {
  readonly req: ReplayedRequest;
  readonly url: URL;
  readonly requestId: string;
  readonly key: string | undefined;
}

const textsOf = (params: object): string[] =>
  Object.values(params).filter((value): value is string => typeof value === 'string');

async function slow(core: Core): Promise<void> {
  if (core.settings.slowWritesMs > 0) await sleep(core.settings.slowWritesMs);
}

// Bearer, or Basic with the key as user name as curl -u sends it. https://docs.stripe.com/api/authentication
function authenticate(req: ReplayedRequest): void {
  const given = header(req, 'authorization') ?? '';
  const basic = Buffer.from(given.replace(/^Basic /, ''), 'base64').toString();
  if (given === `Bearer ${SECRET_KEY}` || (given.startsWith('Basic ') && basic === `${SECRET_KEY}:`)) return;
  const key = given.replace(/^\S+ /, '');
  const message =
    given === ''
      ? 'You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth.'
      : `Invalid API Key provided: ${key.slice(0, 8)}***`;
  throw new StripeFault(401, { type: 'invalid_request_error', message }, { executed: false });
}

function header(req: ReplayedRequest, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function faultAnswer(fault: StripeFault): Answer {
  return {
    status: fault.status,
    body: JSON.stringify({ error: fault.body }, null, 2),
    headers: fault.headers,
  };
}

function serverError(): StripeFault {
  return new StripeFault(500, { type: 'api_error', message: 'An unknown error occurred' });
}

function unknownUrl(method: string, path: string): StripeFault {
  return new StripeFault(
    404,
    {
      type: 'invalid_request_error',
      message: `Unrecognized request URL (${method}: ${path}). The sandbox has no such endpoint, or Stripe has none.`,
    },
    { executed: false },
  );
}
