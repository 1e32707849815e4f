/** Add-ons beside a plan: bought as items of the subscription or once, removed again. */

import { oneTimeLookupKey, recurringLookupKey } from '../../lookup-keys.ts';
import type { AddOn } from '../catalogue.ts';
import { inCurrency } from '../in-currency.ts';
import type { NamedAddOn } from '../life-changes.ts';
import { findAddOn } from '../plans.ts';
import { type OnTransition, recordTransition } from '../transitions.ts';
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
import { change, readLiving, type Target } from './change.ts';
import type { CreateDeps } from './create.ts';
import { previewOutOfDate, requireChangeable } from './errors.ts';
import { mainItem } from './planned-change.ts';
import { PREVIEW_MINUTES } from './preview-token.ts';
import type { InvoicePreview } from './subscription-gateway.ts';

export interface AddOnDeps extends CreateDeps {
  readonly addOns: AddOnGateway;
  /** One sold once is no part of the subscription, so no sync sees it come. */
  readonly onTransition: OnTransition;
  readonly domains: DomainCheck;
}

export interface AddOnRequest {
  readonly subscriptionId: number;
  readonly addOnKey: string;
  readonly quantity?: number;
  readonly domain?: string;
}

export interface Purchase extends AddOnRequest {
  /** Of a quote, half an hour old at most: what it promised is charged. Left out: now. */
  readonly asOf?: Date;
  /** Names this wish: repeated with the same words, the same add-on is answered. */
  readonly requestId: string;
}

export interface AddOnQuote {
  readonly addOn: AddOn;
  readonly sold: OwnedAddOn['sold'];
  readonly quantity: number;
  readonly domain: string | null;
  readonly interval: string | null;
  /** Of one, per interval or once; minor units of the subscription's currency. */
  readonly unitAmount: number;
  readonly currency: string;
  /** Charged at once; null: it stands on the next invoice. */
  readonly invoice: InvoicePreview | null;
  /** Buying as of then charges exactly that. */
  readonly asOf: Date;
}

/** Changes nothing. @throws ConnectorError those of `purchaseAddOn` but `stripe_card` */
export async function quoteAddOn(deps: AddOnDeps, wish: AddOnRequest): Promise<AddOnQuote> {
  const asOf = deps.now();
  const { live, addOn, sold, interval, bought } = await prepare(deps, wish, asOf);
  return {
    addOn,
    sold,
    quantity: bought.quantity,
    domain: bought.domain,
    interval: sold === 'once' ? null : interval,
    unitAmount: sold === 'once' ? addOn.oneTimeAmount! : addOn.prices[interval as 'month']!,
    currency: live.currency,
    invoice: sold === 'once' ? null : await deps.addOns.preview(bought),
    asOf,
  };
}

/**
 * @throws ConnectorError absent `addon_not_found`, permanent `addon_not_compatible`, conflict `addon_owned`,
 *   permanent `addon_without_price`, `domain_required`, `domain_not_registered`, `domain_not_delegated`,
 *   conflict `preview_out_of_date`, retryable `registry_away`, permanent `stripe_card` (nothing is bought then), those of `readLiving`
 */
export async function purchaseAddOn(deps: AddOnDeps, wish: Purchase): Promise<OwnedAddOn> {
  const { requestId, addOnKey } = wish;
  const age = wish.asOf === undefined ? 0 : deps.now().getTime() - wish.asOf.getTime();
  if (!(age >= 0 && age <= PREVIEW_MINUTES * 60_000)) throw previewOutOfDate('The quote has expired.');
  const { target: before } = await readLiving(deps, wish.subscriptionId);
  const where = { customerId: before.customerId, subscriptionId: before.providerId };
  const there = (await deps.addOns.list(where)).find((each) => each.requestId === requestId);
  if (there !== undefined) return told(deps, before, there);
  const { target, sold, bought } = await prepare(deps, wish, wish.asOf ?? null);
  const wanted = { ...bought, addOnKey, requestId };
  await change(deps, {
    target,
    intent: 'addon',
    body: wanted,
    async call(key) {
      await (sold === 'once' ? deps.addOns.addOnce(wanted, key) : deps.addOns.addRecurring(wanted, key));
      return deps.gateway.read(target.providerId);
    },
    done: () => true,
  });
  return told(deps, before, (await deps.addOns.list(where)).find((each) => each.requestId === requestId)!);
}

/** Asked again after a lost answer, it is told nevertheless, and once. */
async function told(deps: AddOnDeps, { id: subscriptionId }: Target, owned: OwnedAddOn): Promise<OwnedAddOn> {
  if (owned.sold === 'recurring') return owned;
  const { addOnKey, domain, quantity } = owned;
  const added: readonly NamedAddOn[] = [{ addOnKey, domain, quantity }];
  const kind = 'addons_changed';
  const wake = await deps.db.tx((tx) =>
    recordTransition(
      tx,
      { subscriptionId, kind, fact: owned.id, data: { added, removed: [] } },
      deps.onTransition,
    ),
  );
  wake?.();
  return owned;
}

/** Whether it can be had, and what is then bought. */
async function prepare(deps: AddOnDeps, wish: AddOnRequest, asOf: Date | null) {
  const { target, live } = await readLiving(deps, wish.subscriptionId);
  const catalogue = inCurrency(deps.catalogue, live.currency);
  const addOn = findAddOn(catalogue, wish.addOnKey);
  if (addOn === undefined) throw addOnNotFound(wish.addOnKey);
  const where = { customerId: target.customerId, subscriptionId: target.providerId };
  // Its next phase would not have the item.
  requireChangeable(live, { besideSchedule: false });
  const main = mainItem(live);
  if (addOn.plans !== null && !addOn.plans.includes(main.planKey)) throw addOnNotCompatible(addOn.name);
  const domain = await domainOf(deps, addOn, wish.domain);
  const owned = await deps.addOns.list(where);
  const same = owned.filter(({ addOnKey }) => addOnKey === addOn.key);
  if (addOn.repeatable ? domain !== null && same.some((each) => each.domain === domain) : same.length > 0)
    throw addOnOwned(addOn.name);
  const { lookupKey: key, sold } = priceOf(addOn, main.interval);
  const lookupKey = `${key}${catalogue.lookupSuffix}`;
  const prices = await deps.gateway.prices([lookupKey]);
  const bought = { ...where, priceId: prices[lookupKey]!, quantity: wish.quantity ?? 1, domain, asOf };
  return { target, live, addOn, sold, interval: main.interval, bought };
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
