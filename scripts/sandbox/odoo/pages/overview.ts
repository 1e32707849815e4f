/** The front page: what a salesperson would look for first. */
import { escapeHtml, page, table } from '../../page.ts';
import { systemEnv } from '../orm/env.ts';
import { readRows } from '../orm/read.ts';
import { searchRows } from '../orm/search.ts';
import type { Env, Erp } from '../orm/types.ts';
import { recordLink } from './links.ts';
import { shownValue } from './shown-value.ts';
import { workspaceTree } from './workspace-tree.ts';

/** Newest first, and no more than fit a page: the rest is found in each model's own list. */
const SHOWN = 50;

interface Section {
  readonly title: string;
  readonly model: string;
  readonly fields: readonly string[];
  readonly domain?: unknown[];
}

const SECTIONS: readonly Section[] = [
  {
    title: 'Opportunities',
    model: 'crm.lead',
    fields: ['partner_id', 'stage_id', 'probability', 'expected_revenue', 'user_id'],
  },
  {
    title: 'Subscriptions',
    model: 'x_stripe_subscription',
    fields: ['x_partner_id', 'x_plan', 'x_status', 'x_access', 'x_amount', 'x_period_end'],
  },
  {
    title: 'Contacts',
    model: 'res.partner',
    fields: ['is_company', 'parent_id', 'email', 'country_id', 'vat'],
    domain: [['id', '>', 3]],
  },
  {
    title: 'Users',
    model: 'res.users',
    fields: ['login', 'share', 'partner_id', 'login_date'],
    domain: [['id', '>', 1]],
  },
];

export function overviewPage(erp: Erp): string {
  const env = { ...systemEnv(erp), context: { active_test: false } };
  const sections = SECTIONS.filter(({ model }) => erp.registry.find(model) !== undefined).map((section) =>
    sectionHtml(env, section),
  );
  return page({
    title: 'ERP as staff see it',
    body: `<p>Odoo ${erp.version}, database <code>${escapeHtml(erp.db)}</code> of the sandbox. Read-only.</p>
${sections.join('')}<h2>Documents</h2>${workspaceTree(env)}`,
  });
}

function sectionHtml(env: Env, { title, model, fields, domain }: Section): string {
  const definition = env.erp.registry.get(model);
  const rows = searchRows(env, definition, { domain: domain ?? [], order: 'id desc' });
  const records = readRows(env, definition, rows.slice(0, SHOWN), ['display_name', ...fields]);
  const head = ['Name', ...fields.map((name) => escapeHtml(definition.fields.get(name)!.string))];
  const body = records.map((record) => [
    recordLink(model, Number(record.id), String(record.display_name)),
    ...fields.map((name) => shownValue(env, definition.fields.get(name)!, record[name])),
  ]);
  return `<h2>${escapeHtml(title)} <small>${rows.length}</small></h2>${rows.length === 0 ? '<p>None yet.</p>' : table(head, body)}${
    rows.length > SHOWN ? `<p><a href="/odoo/${model}">All ${rows.length}</a></p>` : ''
  }`;
}
