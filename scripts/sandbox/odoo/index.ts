/** Odoo as the connector and its customers meet it: RPC, login pages and a read-only look at the records. */
import type { ServerResponse } from 'node:http';
import type { HttpSystem, ReplayedRequest, SystemContext } from '../system.ts';
import { createErp } from './erp.ts';
import { createHandle, type OdooSandbox } from './handle.ts';
import type { OdooModule } from './models/documents/modules.ts';
import { operationOf } from './operation.ts';
import type { Erp, Version } from './orm/types.ts';
import { servePages } from './pages/serve.ts';
import { sendHtml, sendJson } from './rpc/answer.ts';
import { serveJson2 } from './rpc/json2.ts';
import { serveJsonRpc } from './rpc/jsonrpc.ts';
import { serveXmlRpc } from './rpc/xmlrpc.ts';

export type { OdooSandbox } from './handle.ts';

export type OdooContext = Pick<SystemContext, 'store' | 'clock' | 'log'> & { readonly url: () => string };

/** @param options.version which Odoo to be; default 19 @param options.modules applications for documents it has; default none */
export function createOdooSandbox(
  context: OdooContext,
  options: { version?: Version; modules?: readonly OdooModule[] } = {},
): HttpSystem & OdooSandbox {
  const version = options.version ?? 19;
  const erp = createErp({
    store: context.store,
    version,
    modules: options.modules ?? [],
    now: context.clock.now,
    url: context.url,
  });
  const deps = { erp, log: context.log };
  const jsonrpc = serveJsonRpc(deps);
  const json2 = serveJson2(deps);
  const xmlrpc = serveXmlRpc(deps);
  const pages = servePages(deps);

  const handler = (req: ReplayedRequest, res: ServerResponse): void => {
    const { pathname } = new URL(req.url ?? '/', 'http://odoo');
    waitForWebhooks(erp, res);
    if (pathname === '/jsonrpc' && req.method === 'POST') return void jsonrpc(req, res);
    if (pathname.startsWith('/xmlrpc/2/') && req.method === 'POST')
      return void xmlrpc(req, res, pathname.slice('/xmlrpc/2/'.length));
    if (version === 19 && pathname.startsWith('/json/2/'))
      return void json2(req, res, pathname.slice('/json/2/'.length));
    if (version === 19 && (pathname === '/json/version' || pathname === '/web/version'))
      return void sendJson(res, 200, { version_info: [19, 0, 0, 'final', 0, ''], version: '19.0' });
    if (!pages(req, res))
      sendHtml(res, 404, '<!DOCTYPE html>\n<title>404: Not Found</title>\n<h1>404: Not Found</h1>\n');
  };

  return { name: 'odoo', handler, operation: operationOf, ...createHandle(erp) };
}

/** Odoo answers a call once the webhooks it caused are sent. */
function waitForWebhooks(erp: Erp, res: ServerResponse): void {
  const end = res.end.bind(res) as (...given: unknown[]) => ServerResponse;
  res.end = ((...given: unknown[]) => {
    const underWay = erp.underWay.splice(0);
    if (underWay.length === 0) return end(...given);
    void Promise.all(underWay).then(() => end(...given));
    return res;
  }) as ServerResponse['end'];
}
