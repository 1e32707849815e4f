/** A new company that looks like one staff already have: they are told, and merge the two if it is; we never do. */
import type { OrderedSale } from '../billing/read-order.ts';
import type { RunAction } from './actions.ts';
import { openActivity } from './activities.ts';
import { findBindings } from './bindings.ts';
import type { CrmContext } from './deps.ts';
import { oneLine } from './facts.ts';
import { html } from './html.ts';
import { externalId } from './ids.ts';
import { recordLooked } from './opportunity-rows.ts';

interface Alike {
  readonly id: number;
  readonly display_name: string;
}

const MOST = 5;

/** One look per order, by VAT id, name or address of the contact. */
export async function flagDuplicate(
  deps: CrmContext,
  runAction: RunAction,
  order: OrderedSale,
): Promise<void> {
  const { organisation, orderId } = order;
  const [company, contact, opportunity] = [
    externalId.company(organisation.id),
    externalId.mainContact(organisation.id),
    externalId.opportunity(orderId),
  ];
  const bound = await findBindings(deps.db, [company, contact, opportunity]);
  const resId = bound.get(opportunity)?.resId;
  const own = [company, contact].flatMap((name) => bound.get(name)?.resId ?? []);
  if (resId == null || own.length === 0) return recordLooked(deps.db, orderId, deps.now());
  const alike = await readAlike(deps, order, own);
  if (alike.length > 0)
    await openActivity(deps, runAction, {
      model: deps.mapping.records.opportunity.model,
      resId,
      key: duplicateActivity(orderId),
      summary: `${oneLine(organisation.name)} may be a customer you have`,
      note: noteOf(organisation.name, alike),
    });
  await recordLooked(deps.db, orderId, deps.now());
}

/** Key of the activity. */
export const duplicateActivity = (orderId: number): string => `order_${orderId}_duplicate`;

export const readAlike = (deps: CrmContext, order: OrderedSale, own: readonly number[]): Promise<Alike[]> =>
  deps.odoo.call<Alike[]>(deps.mapping.records.company.model, 'search_read', {
    domain: [['id', 'not in', own], ...anyOf(criteria(order))],
    fields: ['display_name'],
    limit: MOST,
    order: 'id',
  });

type Criterion = readonly [field: string, operator: string, value: string];

// `=ilike` takes % and _ for wildcards, which a name may hold.
const literally = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

function criteria({ organisation }: OrderedSale): Criterion[] {
  const vat = organisation.vatId;
  return [
    ['name', '=ilike', literally(oneLine(organisation.name))],
    ['email', '=ilike', literally(oneLine(organisation.contactEmail))],
    ...(vat === null ? [] : [['vat', '=ilike', literally(vat.replace(/[\s.-]/g, ''))] as const]),
  ];
}

/** Odoo's prefix notation: n - 1 times "or" before n conditions. */
const anyOf = (list: readonly Criterion[]): unknown[] => [...list.slice(1).map(() => '|'), ...list];

function noteOf(name: string, alike: readonly Alike[]): string {
  const list = alike.map((each) => html`<li>${each.display_name} (contact ${each.id})</li>`).join('');
  return `${html`<p>${name} is new, as far as a form on a web page can tell. It looks like:</p>`}<ul>${list}</ul>${html`<p>If it is the same company, merge the contacts (Contacts, Action, Merge): the connector follows.</p>`}`;
}
