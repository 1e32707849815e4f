/** `x_stripe_request` in the ERP: the rows that wait, and the answers written on them. */
import type { Database } from '../../db/database.ts';
import type { Odoo } from '../../odoo/odoo.ts';
import { type REQUEST_ACTIONS, type RequestAction, requestAction } from './actions.ts';
import { knownRequests, type NewRequest } from './rows.ts';

export const REQUEST_MODEL = 'x_stripe_request';

type Reference = [id: number, name: string] | false;

interface ErpRow {
  readonly id: number;
  readonly x_request: string;
  readonly x_action: string;
  readonly x_state: string | false;
  readonly x_asker_id: Reference;
  readonly x_asked_at: string | false;
  readonly x_input: string | false;
  readonly x_subscription_id: Reference;
  readonly x_opportunity_id: Reference;
  readonly x_partner_id: Reference;
}

/** The field of a request that names the record asked about. */
export const LINKS = {
  x_stripe_subscription: 'x_subscription_id',
  'crm.lead': 'x_opportunity_id',
  'res.partner': 'x_partner_id',
} as const satisfies Readonly<Record<RequestAction['on'], keyof ErpRow>>;

const FIELDS = [
  ...['x_request', 'x_action', 'x_state', 'x_asker_id', 'x_asked_at', 'x_input'],
  ...Object.values(LINKS),
];
// An address with which a portal session is taken up is not left lying about.
const URL_KEPT_MS = 3_600_000;
const SHORT_LIVED: readonly (keyof typeof REQUEST_ACTIONS)[] = ['open_portal'];
const MOST = 200;

interface Deps {
  readonly db: Database;
  readonly odoo: Odoo;
  readonly now: () => Date;
}

/** One search: requests that wait and are not claimed yet, oldest first. Addresses that have had their time are cleared. */
export async function readWaiting(deps: Deps): Promise<readonly NewRequest[]> {
  const past = toOdoo(new Date(deps.now().getTime() - URL_KEPT_MS));
  const rows = await deps.odoo.call<ErpRow[]>(REQUEST_MODEL, 'search_read', {
    domain: [
      ...['|', ['x_state', '=', 'waiting'], '&', '&'],
      ['x_action', 'in', SHORT_LIVED],
      ['x_url', '!=', false],
      ['x_answered_at', '<', past],
    ],
    fields: FIELDS,
    order: 'id',
    limit: MOST,
  });
  const stale = rows.filter((row) => row.x_state !== 'waiting').map((row) => row.id);
  if (stale.length > 0) await deps.odoo.call(REQUEST_MODEL, 'write', { ids: stale, vals: { x_url: false } });
  const waiting = rows.filter((row) => row.x_state === 'waiting');
  if (waiting.length === 0) return [];
  const known = await knownRequests(
    deps.db,
    waiting.map((row) => row.x_request),
  );
  const fresh = waiting.filter((row) => !known.has(row.x_request));
  const askers = await readAskers(deps.odoo, fresh);
  return fresh.map((row) => toRequest(row, askers));
}

async function readAskers(odoo: Odoo, rows: readonly ErpRow[]): Promise<ReadonlyMap<number, string>> {
  const ids = [...new Set(rows.flatMap(({ x_asker_id: asker }) => (asker === false ? [] : [asker[0]])))];
  if (ids.length === 0) return new Map();
  const users = await odoo.call<{ id: number; name: string; login: string }[]>('res.users', 'search_read', {
    domain: [['id', 'in', ids]],
    fields: ['name', 'login'],
    context: { active_test: false },
  });
  return new Map(users.map(({ id, name, login }) => [id, name === login ? name : `${name} (${login})`]));
}

function toRequest(row: ErpRow, askers: ReadonlyMap<number, string>): NewRequest {
  const action = row.x_action;
  const on = requestAction(action)?.on;
  const link = on === undefined ? false : row[LINKS[on]];
  return {
    id: row.x_request,
    rowId: row.id,
    action,
    // A record deleted since: the request is about itself, and is refused.
    model: on !== undefined && link !== false ? on : REQUEST_MODEL,
    resId: link === false ? row.id : link[0],
    asker: row.x_asker_id === false ? 'somebody' : (askers.get(row.x_asker_id[0]) ?? row.x_asker_id[1]),
    askedAt: row.x_asked_at === false ? new Date(0) : new Date(`${row.x_asked_at.replace(' ', 'T')}Z`),
    input: parsed(row.x_input),
  };
}

function parsed(input: string | false): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = input === false ? {} : JSON.parse(input);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

/** Writes the answer; a row an administrator deleted needs none. */
export async function writeAnswer(
  odoo: Odoo,
  answered: { rowId: number; state: string; answer: string; url: string | undefined; at: Date },
): Promise<void> {
  const [there] = await odoo.call<number[]>(REQUEST_MODEL, 'search', {
    domain: [['id', '=', answered.rowId]],
  });
  if (there === undefined) return;
  await odoo.call(REQUEST_MODEL, 'write', {
    ids: [answered.rowId],
    vals: {
      x_state: answered.state,
      x_answer: answered.answer,
      x_answered_at: toOdoo(answered.at),
      x_url: answered.url ?? false,
    },
  });
}

const toOdoo = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ');
