/** Where a set-password link leads: a form that sets the password and logs the person in. */
import { escapeHtml, page } from '../../page.ts';
import { displayName } from '../orm/display-name.ts';
import { systemEnv } from '../orm/env.ts';
import type { Erp, Row } from '../orm/types.ts';
import { write } from '../orm/write.ts';
import { readResetToken } from '../reset-token.ts';
import { noteLogin } from '../rpc/authenticate.ts';
import { welcomePage } from './login.ts';

const DEAD = 'This link is not valid any more.';

export function resetPage(erp: Erp, query: URLSearchParams): string {
  const token = query.get('token') ?? '';
  const user = readResetToken(erp, token);
  return user === undefined ? messagePage(DEAD) : formPage(erp, { user, token });
}

export function submitReset(erp: Erp, query: URLSearchParams, form: URLSearchParams): string {
  const token = form.get('token') ?? query.get('token') ?? '';
  const user = readResetToken(erp, token);
  if (user === undefined) return messagePage(DEAD);
  const password = form.get('password') ?? '';
  if (password === '') return formPage(erp, { user, token, error: 'The password must not be empty.' });
  if (password !== form.get('confirm_password'))
    return formPage(erp, { user, token, error: 'Passwords do not match; please retype them.' });
  const users = erp.registry.get('res.users');
  erp.tables.transaction(() => {
    write(systemEnv(erp, user.id), users, [user.id], { password });
    erp.tables.put('res.partner', {
      ...erp.tables.get('res.partner', Number(user.partner_id))!,
      signup_type: false,
    });
    noteLogin(erp, user);
  });
  return welcomePage(erp, user.id);
}

const messagePage = (message: string) =>
  page({ title: 'Reset password', body: `<p role="alert">${escapeHtml(message)}</p>` });

function formPage(erp: Erp, input: { user: Row; token: string; error?: string }): string {
  const name = displayName(systemEnv(erp), erp.registry.get('res.users'), input.user);
  const error = input.error === undefined ? '' : `<p role="alert"><b>${escapeHtml(input.error)}</b></p>`;
  return page({
    title: 'Set your password',
    body: `${error}<form method="post" action="/web/reset_password">
<input type="hidden" name="token" value="${escapeHtml(input.token)}">
<p>${escapeHtml(name)}<br><input name="login" readonly autocomplete="username" value="${escapeHtml(String(input.user.login))}"></p>
<p><label>Password<br><input name="password" type="password" autocomplete="new-password" required></label></p>
<p><label>Confirm password<br><input name="confirm_password" type="password" autocomplete="new-password" required></label></p>
<p><button>Set password</button></p></form>`,
  });
}
