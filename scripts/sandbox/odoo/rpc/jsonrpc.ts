/** `POST /jsonrpc`: the envelope; errors are HTTP 200. */
import type { ServerResponse } from 'node:http';
import type { ReplayedRequest } from '../../system.ts';
import { typeError } from '../errors.ts';
import type { Erp } from '../orm/types.ts';
import { asOdooError, describeError, sendHtml, sendJson } from './answer.ts';
import { callService } from './services.ts';

interface Request {
  readonly id?: unknown;
  readonly params?: { readonly service?: unknown; readonly method?: unknown; readonly args?: unknown };
}

export function serveJsonRpc(deps: { erp: Erp; log: (line: string) => void }) {
  return (req: ReplayedRequest, res: ServerResponse): void => {
    if (!/^application\/json(-rpc)?\b/.test(req.headers['content-type'] ?? ''))
      return void sendHtml(
        res,
        deps.erp.version === 19 ? 415 : 400,
        '<!doctype html>\n<title>Unsupported Media Type</title>\n',
      );
    const request = parse(req.rawBody);
    if (request === undefined) return void sendHtml(res, 400, 'Invalid JSON data');
    if (typeof request !== 'object' || request === null || Array.isArray(request))
      return void sendHtml(res, 400, 'Invalid JSON-RPC data');
    sendJson(res, 200, { jsonrpc: '2.0', id: (request as Request).id ?? null, ...answer(deps, request) });
  };
}

function answer(
  { erp, log }: { erp: Erp; log: (line: string) => void },
  request: Request,
): { result: unknown } | { error: unknown } | Record<string, never> {
  try {
    const { service, method, args } = request.params ?? {};
    if (service === undefined || method === undefined || !Array.isArray(args))
      throw typeError(
        "JSONRPC.jsonrpc() missing 3 required positional arguments: 'service', 'method', and 'args'",
      );
    const result = callService(erp, String(service), String(method), args);
    // None leaves the key out altogether.
    return result === undefined ? {} : { result };
  } catch (thrown) {
    const data = describeError(asOdooError(thrown, log));
    return { error: { code: erp.version === 19 ? 0 : 200, message: 'Odoo Server Error', data } };
  }
}

/** Undefined: not JSON. */
export function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
