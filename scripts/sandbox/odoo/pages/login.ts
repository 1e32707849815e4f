/** The login page, and logging in as a browser's script does (`/web/session/authenticate`). */
import { escapeHtml, page } from '../../page.ts';
import { accessDenied } from '../errors.ts';
import { displayName } from '../orm/display-name.ts';
import { systemEnv } from '../orm/env.ts';
import type { Erp } from '../orm/types.ts';
import { describeError } from '../rpc/answer.ts';
import { authenticate } from '../rpc/authenticate.ts';

export function loginPage(input: { login?: string | undefined; error?: string }): string {
  const error = input.error === undefined ? '' : `<p role="alert"><b>${escapeHtml(input.error)}</b></p>`;
  return page({
    title: 'Log in',
    body: `${error}<form method="post" action="/web/login">
<p><label>Email<br><input name="login" autocomplete="username" required value="${escapeHtml(input.login ?? '')}"></label></p>
<p><label>Password<br><input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button>Log in</button></p></form>`,
  });
}

/** The page after the form was sent, and its status. */
export function submitLogin(erp: Erp, form: URLSearchParams): { status: number; html: string } {
  const login = form.get('login') ?? '';
  const uid = authenticate(erp, login, form.get('password'));
  if (uid === false) return { status: 200, html: loginPage({ login, error: 'Wrong login/password' }) };
  return { status: 200, html: welcomePage(erp, uid) };
}

export function welcomePage(erp: Erp, uid: number): string {
  const user = erp.tables.get('res.users', uid)!;
  const name = displayName(systemEnv(erp), erp.registry.get('res.users'), user);
  const kind = user.share === true ? 'portal' : 'internal';
  return page({
    title: `Welcome, ${name}`,
    body: `<p>You are logged in as <b>${escapeHtml(String(user.login))}</b> (${kind} user).</p>`,
  });
}

export function sessionAuthenticate(erp: Erp, body: unknown): Record<string, unknown> {
  const { id = null, params = {} } = (body ?? {}) as { id?: unknown; params?: Record<string, unknown> };
  const uid = params.db === erp.db ? authenticate(erp, params.login, params.password) : false;
  if (uid === false) {
    const error = {
      code: erp.version === 19 ? 0 : 200,
      message: 'Odoo Server Error',
      data: describeError(accessDenied()),
    };
    return { jsonrpc: '2.0', id, error };
  }
  const user = erp.tables.get('res.users', uid)!;
  const name = displayName(systemEnv(erp), erp.registry.get('res.users'), user);
  return {
    jsonrpc: '2.0',
    id,
    result: {
      uid,
      db: erp.db,
      username: user.login,
      name,
      is_internal_user: user.share !== true,
      server_version: `${erp.version}.0`,
    },
  };
}
