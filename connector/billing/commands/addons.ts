/** Add-ons beside a plan: bought as items of the subscription or once, removed again. */

import { oneTimeLookupKey, recurringLookupKey } from '../../lookup-keys.ts';
import type { AddOn } from '../catalogue.ts';
import { findAddOn } from '../plans.ts';
import {
  addOnNotCompatible,
  addOnNotFound,
  addOnNotRemovable,
  addOnOwned,
  addOnWithoutPrice,
  domainNotDelegated,
  domainNotRegistered,
  domainRequired,
} from './addon-errors.ts';
import type { AddOnGateway, DomainCheck, OwnedAddOn } from './addon-gateway.ts';
import { change, readLiving } from './change.ts';
import type { CreateDeps } from './create.ts';
import { requireChangeable } from './errors.ts';
import { mainItem } from './planned-change.ts';

export interface AddOnDeps extends CreateDeps {
  readonly addOns: AddOnGateway;
  readonly domains: DomainCheck;
}

export interface Purchase {
  readonly subscriptionId: number;
  readonly addOnKey: string;
  readonly quantity?: number;
  readonly domain?: string;
  /** Names this wish: repeated with the same words, the same add-on is answered. */
  readonly requestId: string;
}

/**
 * @throws ConnectorError absent `addon_not_found`, permanent `addon_not_compatible`, conflict `addon_owned`,
 *   permanent `addon_without_price`, `domain_required`, `domain_not_registered`, `domain_not_delegated`,
 *   retryable `registry_away`, permanent `stripe_card` (nothing is bought then), those of `readLiving`
 */
export async function purchaseAddOn(deps: AddOnDeps, wish: Purchase): Promise<OwnedAddOn> {
  const addOn = findAddOn(deps.catalogue, wish.addOnKey);
  if (addOn === undefined) throw addOnNotFound(wish.addOnKey);
  const { target, live } = await readLiving(deps, wish.subscriptionId);
  const where = { customerId: target.customerId, subscriptionId: target.providerId };
  const owned = await deps.addOns.list(where);
  const before = owned.find(({ requestId }) => requestId === wish.requestId);
  if (before !== undefined) return before;
  // Its next phase would not have the item.
  requireChangeable(live, { besideSchedule: false });
  const main = mainItem(live);
  if (addOn.plans !== null && !addOn.plans.includes(main.planKey!)) throw addOnNotCompatible(addOn.name);
  const domain = await domainOf(deps, addOn, wish.domain);
  const same = owned.filter(({ addOnKey }) => addOnKey === addOn.key);
  if (addOn.repeatable ? domain !== null && same.some((each) => each.domain === domain) : same.length > 0)
    throw addOnOwned(addOn.name);
  const { lookupKey, sold } = priceOf(addOn, main.interval);
  const prices = await deps.gateway.prices([lookupKey]);
  const { addOnKey, requestId } = wish;
  const bought = {
    ...where,
    priceId: prices[lookupKey]!,
    quantity: wish.quantity ?? 1,
    addOnKey,
    domain,
    requestId,
  };
  await change(deps, {
    target,
    intent: 'addon',
    body: bought,
    async call(key) {
      await (sold === 'once' ? deps.addOns.addOnce(bought, key) : deps.addOns.addRecurring(bought, key));
      return deps.gateway.read(target.providerId);
    },
    done: () => true,
  });
  const made = (await deps.addOns.list(where)).find((each) => each.requestId === requestId);
  return made!;
}

/** @throws ConnectorError absent `addon_not_found`, conflict `addon_not_removable`, those of `readLiving` */
export async function removeAddOn(
  deps: AddOnDeps,
  { subscriptionId, id }: { readonly subscriptionId: number; readonly id: string },
): Promise<void> {
  const { target, live } = await readLiving(deps, subscriptionId);
  const where = { customerId: target.customerId, subscriptionId: target.providerId };
  const found = (await deps.addOns.list(where)).find((each) => each.id === id);
  if (found === undefined) throw addOnNotFound(id);
  if (found.sold === 'once') throw addOnNotRemovable();
  requireChangeable(live, { besideSchedule: false });
  await change(deps, {
    target,
    intent: 'remove_addon',
    body: { id },
    async call(key) {
      await deps.addOns.remove({ subscriptionId: target.providerId, id }, key);
      return deps.gateway.read(target.providerId);
    },
    done: (each) => each.items.every((item) => item.id !== id),
  });
}

/** By the subscription's own interval, so that one invoice has both; else once. */
function priceOf(addOn: AddOn, interval: string | null): { lookupKey: string; sold: OwnedAddOn['sold'] } {
  if ((interval === 'month' || interval === 'year') && addOn.prices[interval] !== undefined)
    return { lookupKey: recurringLookupKey(addOn.key, interval), sold: 'recurring' };
  if (addOn.oneTimeAmount !== null) return { lookupKey: oneTimeLookupKey(addOn.key), sold: 'once' };
  throw addOnWithoutPrice(addOn.name, interval ?? 'period');
}

/** The domain an add-on is for, once it is registered and delegated; null: it is for none. */
async function domainOf(deps: AddOnDeps, addOn: AddOn, named: string | undefined): Promise<string | null> {
  if (addOn.domain === null) return null;
  if (named === undefined) throw domainRequired();
  const domain = named.toLowerCase();
  const { nameServers: ours } = addOn.domain;
  const { registered, nameServers } = await deps.domains.look(domain);
  if (registered === false || (registered === null && nameServers.length === 0))
    throw domainNotRegistered(domain);
  const delegated =
    ours.length === 0 ? nameServers.length > 0 : nameServers.some((each) => ours.includes(each));
  if (!delegated) throw domainNotDelegated(domain, ours);
  return domain;
}
