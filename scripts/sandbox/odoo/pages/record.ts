/** One record with its fields, files, activities and chatter; and the list of a model. */
import { escapeHtml, page, table } from '../../page.ts';
import { sanitizeHtml } from '../html/sanitize.ts';
import { displayName, relationPair } from '../orm/display-name.ts';
import { systemEnv } from '../orm/env.ts';
import { readRows } from '../orm/read.ts';
import type { Env, Erp, Model, Row } from '../orm/types.ts';
import { recordLink } from './links.ts';
import { shownValue } from './shown-value.ts';
import { fileItems } from './workspace-tree.ts';

/** Shown in their own parts of the page, or not for eyes. */
const NOT_LISTED = new Set([
  'message_ids',
  'activity_ids',
  'has_message',
  'password',
  'datas',
  'raw',
  'access_token',
  'display_name',
  'message_attachment_count',
]);

/** Said last: who wrote the record and when. */
const LAST = new Set(['create_uid', 'create_date', 'write_uid', 'write_date']);

/** Undefined: no such record. */
export function recordPage(erp: Erp, modelName: string, id: number): string | undefined {
  const model = erp.registry.find(modelName);
  const row = model === undefined ? undefined : erp.tables.get(modelName, id);
  if (model === undefined || row === undefined) return undefined;
  const env: Env = { ...systemEnv(erp), context: { active_test: false } };
  return page({
    title: displayName(env, model, row) || `${model.description} ${id}`,
    body: `<p><a href="/">ERP</a> · <a href="/odoo/${escapeHtml(model.name)}">${escapeHtml(model.description)}</a> · <small>${escapeHtml(model.name)} ${id}</small></p>
${fields(env, model, row)}${files(env, model, row)}${activities(env, model, row)}${chatter(env, model, row)}`,
  });
}

function fields(env: Env, model: Model, row: Row): string {
  const names = [...model.fields]
    .filter(([name, field]) => !NOT_LISTED.has(name) && field.group === undefined)
    .sort(([a], [b]) => Number(LAST.has(a)) - Number(LAST.has(b)));
  const [record = {}] = readRows(
    env,
    model,
    [row],
    names.map(([name]) => name),
  );
  const filled = names
    .map(([name, field]) => [
      escapeHtml(field.string),
      `<small>${escapeHtml(name)}</small>`,
      shownValue(env, field, record[name]),
    ])
    .filter(([, , value]) => value !== '');
  return table(['Field', '', 'Value'], filled);
}

function files(env: Env, model: Model, row: Row): string {
  const items = fileItems(env, model.name, row.id);
  return items === '' ? '' : `<h2>Files</h2><ul>${items}</ul>`;
}

function related(env: Env, model: Model, row: Row, name: 'mail.message' | 'mail.activity'): Row[] {
  const owner = name === 'mail.message' ? 'model' : 'res_model';
  return [...(env.erp.tables.lookup(name, 'res_id', row.id) ?? [])]
    .map((id) => env.erp.tables.get(name, id)!)
    .filter((other) => other[owner] === model.name && other.active !== false)
    .sort((a, b) => b.id - a.id);
}

const nameOf = (env: Env, model: string, id: unknown) => {
  const pair = relationPair(env, model, id);
  return escapeHtml(pair === false ? '' : pair[1]);
};

function activities(env: Env, model: Model, row: Row): string {
  const items = related(env, model, row, 'mail.activity').map(
    (activity) =>
      `<li><b>${escapeHtml(String(activity.summary || nameOf(env, 'mail.activity.type', activity.activity_type_id)))}</b>
<small>${nameOf(env, 'res.users', activity.user_id)} by ${escapeHtml(String(activity.date_deadline))}</small>${activity.note ? sanitizeHtml(String(activity.note)) : ''}</li>`,
  );
  return items.length === 0 ? '' : `<h2>Activities</h2><ul>${items.join('')}</ul>`;
}

function chatter(env: Env, model: Model, row: Row): string {
  const items = related(env, model, row, 'mail.message').map(
    (message) =>
      `<li><small>${nameOf(env, 'res.partner', message.author_id)}, ${escapeHtml(String(message.date))}, ${nameOf(env, 'mail.message.subtype', message.subtype_id)}</small>${sanitizeHtml(String(message.body || ''))}</li>`,
  );
  return items.length === 0 ? '' : `<h2>Chatter</h2><ul>${items.join('')}</ul>`;
}

/** Undefined: no such model. */
export function listPage(erp: Erp, modelName: string): string | undefined {
  const model = erp.registry.find(modelName);
  if (model === undefined) return undefined;
  const env = systemEnv(erp);
  const rows = [...erp.tables.all(modelName)].sort((a, b) => b.id - a.id);
  const items = rows.map((row) => [
    String(row.id),
    recordLink(modelName, row.id, displayName(env, model, row)),
  ]);
  return page({
    title: model.description,
    body: `<p><a href="/">ERP</a> · <small>${escapeHtml(modelName)}, ${rows.length} records</small></p>${table(['Id', 'Name'], items)}`,
  });
}

/** Odoo Documents opens a folder by its token. */
export function sharedPage(erp: Erp, token: string | undefined): string | undefined {
  const model = 'documents.document';
  if (erp.registry.find(model) === undefined) return undefined;
  const row = [...erp.tables.all(model)].find((candidate) => candidate.access_token === token);
  return row === undefined ? undefined : recordPage(erp, model, row.id);
}
