/** The task about a likely duplicate goes by itself, whichever way staff have settled it. */
import type { Catalogue } from '../billing/catalogue.ts';
import { type OrderedSale, readOrder } from '../billing/read-order.ts';
import { asConnectorError } from '../errors.ts';
import { closeActivity } from './activities.ts';
import { findBindings } from './bindings.ts';
import type { CrmContext } from './deps.ts';
import { duplicateActivity, readAlike } from './duplicate-partner.ts';
import { stillThere } from './gone.ts';
import { externalId } from './ids.ts';
import { flaggedOrders, recordLooked } from './opportunity-rows.ts';

const HOUR_MS = 3_600_000;

/** Each flagged order once an hour; what fails is looked at again in an hour. */
export async function settleDuplicates(
  deps: CrmContext,
  options: { readonly catalogue: Catalogue; readonly guard: <T>(call: () => Promise<T>) => Promise<T> },
): Promise<void> {
  const { db, now, log } = deps;
  for (const orderId of await flaggedOrders(db, new Date(now().getTime() - HOUR_MS))) {
    await recordLooked(db, orderId, now());
    try {
      const order = await readOrder(db, { orderId, catalogue: options.catalogue });
      await options.guard(() => settleDuplicate(deps, orderId, order));
    } catch (thrown) {
      log.warn(
        { err: asConnectorError(thrown), orderId },
        'a likely duplicate is looked at again in an hour',
      );
    }
  }
}

/** Takes the activity away once staff have merged or deleted what looked alike, or ticked it off. */
async function settleDuplicate(
  deps: CrmContext,
  orderId: number,
  order: OrderedSale | undefined,
): Promise<void> {
  const key = duplicateActivity(orderId);
  const activity = (await findBindings(deps.db, [externalId.activity(key)])).get(externalId.activity(key));
  const open = await deps.odoo.call<number[]>('mail.activity', 'search', {
    domain: [['id', '=', activity?.resId ?? 0]],
  });
  if (open.length > 0 && order !== undefined && (await stillAlike(deps, order))) return;
  await closeActivity(deps, { key });
}

/** Where the two are after a merge is followed first; a company that is gone looks like nobody. */
async function stillAlike(deps: CrmContext, order: OrderedSale): Promise<boolean> {
  const names = [externalId.company(order.organisation.id), externalId.mainContact(order.organisation.id)];
  const bound = [...(await findBindings(deps.db, names))].flatMap(([name, { resId }]) =>
    resId === null ? [] : [[name, resId] as const],
  );
  try {
    const own = await stillThere(deps, deps.mapping.records.company.model, new Map(bound));
    return (await readAlike(deps, order, [...own.values()])).length > 0;
  } catch (thrown) {
    if (asConnectorError(thrown).code === 'erp_record_gone') return false;
    throw thrown;
  }
}
