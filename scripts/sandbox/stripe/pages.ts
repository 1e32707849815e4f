/** The pages a person sees: checkout (hosted and embedded), 3D Secure, invoice, portal, and the script for the wizard's page. */
import type { ServerResponse } from 'node:http';
import type { ReplayedRequest } from '../system.ts';
import { EMBEDDED_SCRIPT, FRAME_SCRIPT } from './browser-scripts.ts';
import { checkoutPage, payFromPage } from './checkout-page.ts';
import type { Core } from './core.ts';
import { parseForm } from './form-body.ts';
import { messagePage, type Page, send } from './html.ts';
import { invoicePage } from './invoice-page.ts';
import { portalPage } from './portal-page.ts';

const SCRIPTS: Readonly<Record<string, string>> = {
  '/endive/stripe.js': EMBEDDED_SCRIPT,
  '/v3': EMBEDDED_SCRIPT,
  '/v3/': EMBEDDED_SCRIPT,
  '/assets/checkout-frame.js': FRAME_SCRIPT,
};

export function createPages(core: Core): (req: ReplayedRequest, res: ServerResponse) => void {
  return (req, res) => {
    const { pathname } = new URL(req.url ?? '/', 'http://sandbox');
    const script = SCRIPTS[pathname];
    if (script !== undefined) {
      res
        .writeHead(200, {
          'content-type': 'text/javascript; charset=utf-8',
          'access-control-allow-origin': '*',
        })
        .end(script);
      return;
    }
    send(res, pageFor(core, req, pathname));
  };
}

function pageFor(core: Core, req: ReplayedRequest, pathname: string): Page {
  const form = req.method === 'POST' ? parseForm(req.rawBody.toString()) : undefined;
  const hosted = /^\/c\/pay\/([\w]+)$/.exec(pathname);
  if (hosted) {
    const view = { core, sessionId: hosted[1]!, embedded: false };
    return form ? payFromPage(view, form) : checkoutPage(view);
  }
  const embedded = /^\/embedded\/([\w]+)_secret_(\w+)$/.exec(pathname);
  if (embedded) {
    const view = { core, sessionId: embedded[1]!, embedded: true, secret: embedded[2]! };
    return form ? payFromPage(view, form) : checkoutPage(view);
  }
  const invoice = /^\/i\/acct_sandbox\/(in_\w+?)(\/pdf)?$/.exec(pathname);
  if (invoice) return invoicePage(core, invoice[1]!, form);
  const portal = /^\/p\/session\/(bps_\w+)_\w{16}$/.exec(pathname);
  if (portal) return portalPage(core, portal[1]!, form);
  return messagePage(404, 'Not found', 'The sandbox has no such page.');
}
