/**
 * Server actions. Real Odoo runs Python; the sandbox knows the connector's own actions by the first line of their code
 * (`# stripe_connector: <name>`, scripts/commands/erp/actions/) and does the same in TypeScript.
 */
import { accessError, OdooError, userError, validationError } from '../errors.ts';
import { checkAccess } from '../orm/access.ts';
import { groupField, groupsOf } from '../orm/groups.ts';
import type { Env, Row } from '../orm/types.ts';
import type { ButtonHandler, Handler } from './handler.ts';
import { identify } from './identify.ts';
import { mintKey } from './mint-key.ts';
import { openInStripe } from './open-in-stripe.ts';
import { portalAccess } from './portal-access.ts';
import { portalUsers } from './portal-users.ts';
import { removeWorkspace } from './remove-workspace.ts';
import { request, showing } from './request.ts';
import { setPasswordUrls } from './set-password-url.ts';
import { uniqueIndex } from './unique-index.ts';

const HANDLERS: Readonly<Record<string, Handler>> = {
  identify,
  mint_key: mintKey,
  portal_access: portalAccess,
  portal_users: portalUsers,
  remove_workspace: removeWorkspace,
  set_password_url: setPasswordUrls,
  unique_index: uniqueIndex,
};

const BUTTONS: Readonly<Record<string, ButtonHandler>> = {
  open_in_stripe: openInStripe,
  request,
  show_request: ({ records }) => showing(String(records[0]?.x_name), records[0]!),
};

const MARKER = /^\s*#\s*stripe_connector:\s*(\w+)[ \t]*(\w*)/;

/**
 * @returns the resulting action, or false when it gives none
 * @throws OdooError AccessError outside the action's groups; ValueError for code the sandbox has no counterpart of
 */
export function runServerAction(env: Env, action: Row): Record<string, unknown> | false {
  checkRight(env, action);
  if (action.state !== 'code' || isComment(String(action.code))) return false;
  const code = String(action.code);
  const [, name, argument = ''] = MARKER.exec(code) ?? [];
  const button = name === undefined ? undefined : BUTTONS[name];
  if (button !== undefined) {
    const records = recordsOf(env, action);
    if (records.length === 0) throw userError('Open a record first.');
    return button({ env, records, values: passed(env), argument, code });
  }
  const handler = name === undefined ? undefined : HANDLERS[name];
  if (handler === undefined)
    throw new OdooError(
      'builtins.NotImplementedError',
      `the sandbox runs no Python: it knows the connector's actions (${Object.keys({ ...HANDLERS, ...BUTTONS }).join(', ')}) by their first line, not this code`,
    );
  const infos = handler({ env, records: recordsOf(env, action), values: passed(env) });
  return { type: 'ir.actions.act_window_close', infos };
}

/** With groups on the action they decide; without, the right to write on its model does. */
function checkRight(env: Env, action: Row): void {
  if (env.su) return;
  const allowed = (action[groupField(env.erp)] as number[] | undefined) ?? [];
  if (allowed.length > 0) {
    const groups = groupsOf(env.erp, env.uid);
    if (!allowed.some((id) => groups.has(id)))
      throw accessError("You don't have enough access rights to run this action.");
    return;
  }
  const model = env.erp.tables.get('ir.model', Number(action.model_id));
  checkAccess(env, env.erp.registry.get(String(model?.model)), 'write');
}

function recordsOf(env: Env, action: Row): Row[] {
  const model = String(env.erp.tables.get('ir.model', Number(action.model_id))?.model);
  const { active_model: activeModel, active_ids: many, active_id: one } = env.context;
  if (activeModel !== model) return [];
  const ids = Array.isArray(many) ? many : one ? [one] : [];
  return ids.map((id) => env.erp.tables.get(model, Number(id))).filter((row) => row !== undefined);
}

function passed(env: Env): Record<string, unknown> {
  const values = env.context.stripe_connector;
  return typeof values === 'object' && values !== null ? (values as Record<string, unknown>) : {};
}

/** Odoo's new code actions hold a comment only. */
const isComment = (code: string) =>
  !MARKER.test(code) && code.split('\n').every((line) => line.trim() === '' || line.trim().startsWith('#'));

/** @throws OdooError ValidationError for brackets that do not match: the one mistake in Python that can be seen from here. */
export function checkCode(action: Row): void {
  if (action.state === 'webhook' && !action.webhook_url) return;
  if (action.state !== 'code' || !action.code) return;
  const code = String(action.code);
  const stack: string[] = [];
  for (const [token] of code.matchAll(
    /#[^\n]*|"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[()[\]{}]/g,
  )) {
    if (token.length > 1) continue;
    if ('([{'.includes(token)) stack.push(token);
    else if (stack.pop() !== { ')': '(', ']': '[', '}': '{' }[token])
      throw validationError(`SyntaxError : unmatched '${token}'\n${code}\n`);
  }
  if (stack.length > 0) throw validationError(`SyntaxError : '${stack.at(-1)}' was never closed\n${code}\n`);
}
