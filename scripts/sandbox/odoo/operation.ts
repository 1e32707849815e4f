/** Names a request for counters and faults: `res.partner.load`, `common.version`, else `GET /path`. */
import type { BufferedRequest } from '../system.ts';

export function operationOf(request: BufferedRequest): string {
  const [path = '/'] = request.url.split('?');
  const [, model, method] = /^\/json\/2\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  if (model !== undefined) return `${decodeURIComponent(model)}.${method}`;
  if (path === '/jsonrpc') return ofJsonRpc(request.body);
  if (path.startsWith('/xmlrpc/2/')) return ofXmlRpc(path, request.body.toString('utf8'));
  return `${request.method} ${path}`;
}

function ofJsonRpc(body: Buffer): string {
  try {
    const { service, method, args } = JSON.parse(body.toString('utf8')).params;
    return service === 'object' ? `${args[3]}.${args[4]}` : `${service}.${method}`;
  } catch {
    return 'POST /jsonrpc';
  }
}

function ofXmlRpc(path: string, body: string): string {
  const service = path.slice('/xmlrpc/2/'.length);
  if (service !== 'object')
    return `${service}.${/<methodName>(\w+)<\/methodName>/.exec(body)?.[1] ?? 'unknown'}`;
  // Database, user and secret come first; the secret may be any text, so the model is counted, not guessed.
  const params = [...body.matchAll(/<param>\s*<value>(?:<\w+>)?([^<]*)/g)].map(([, text]) => text);
  return `${params[3] ?? 'unknown'}.${params[4] ?? 'unknown'}`;
}
