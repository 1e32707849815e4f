/** Pages: login, set a password, files, and the records as staff see them. */
import type { ServerResponse } from 'node:http';
import type { ReplayedRequest } from '../../system.ts';
import type { Erp } from '../orm/types.ts';
import { sendHtml, sendJson } from '../rpc/answer.ts';
import { parse } from '../rpc/jsonrpc.ts';
import { sendFile } from './content.ts';
import { loginPage, sessionAuthenticate, submitLogin } from './login.ts';
import { overviewPage } from './overview.ts';
import { listPage, recordPage, sharedPage } from './record.ts';
import { resetPage, submitReset } from './reset-password.ts';

/** Nothing on these pages runs; texts of customers stand in them. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
};

/** Answers and returns true, or returns false: no such page. */
export function servePages(deps: { erp: Erp }) {
  const { erp } = deps;
  return (req: ReplayedRequest, res: ServerResponse): boolean => {
    const url = new URL(req.url ?? '/', 'http://odoo');
    const html = (text: string | undefined, status = 200): boolean => {
      if (text === undefined) return false;
      sendHtml(res, status, text, HEADERS);
      return true;
    };
    const form = () => new URLSearchParams(req.rawBody.toString('utf8'));
    switch (`${req.method} ${url.pathname}`) {
      case 'GET /':
        return html(overviewPage(erp));
      case 'GET /web/login':
        return html(loginPage({ login: url.searchParams.get('login') ?? undefined }));
      case 'POST /web/login': {
        const answer = submitLogin(erp, form());
        return html(answer.html, answer.status);
      }
      case 'POST /web/session/authenticate':
        sendJson(res, 200, sessionAuthenticate(erp, parse(req.rawBody)));
        return true;
      case 'GET /web/reset_password':
        return html(resetPage(erp, url.searchParams));
      case 'POST /web/reset_password':
        return html(submitReset(erp, url.searchParams, form()));
    }
    if (req.method !== 'GET') return false;
    const [, top, name = '', id, part] = url.pathname.split('/').map(decodeURIComponent);
    if (top === 'web' && name === 'content')
      return sendFile(res, erp, {
        model: 'ir.attachment',
        id: Number(id),
        token: url.searchParams.get('access_token'),
      });
    // The client of 17 has all of an address behind its #, which no server sees.
    if (top === 'web' && name === '') return html(overviewPage(erp));
    if (top !== 'odoo') return false;
    if (name === 'documents') return html(sharedPage(erp, id));
    const model = name.replace(/^m-/, '');
    if (id === undefined) return html(listPage(erp, model));
    if (part === 'file') return sendFile(res, erp, { model, id: Number(id) });
    return html(recordPage(erp, model, Number(id)));
  };
}
