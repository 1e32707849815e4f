/** Which order of ours each subscription of a customer carries out: one order, one subscription. Pure. */
import { hasEnded } from './has-ended.ts';

interface Candidate {
  readonly providerId: string;
  readonly created: Date;
  /** As its metadata or its checkout session says; metadata alone proves nothing. */
  readonly orderId: number | null;
}

interface Holder {
  readonly providerId: string;
  readonly orderId: number | null;
  readonly status: string;
  readonly endedAt: Date | null;
  readonly access: string;
}

/**
 * An order counts only when it belongs to this very customer's organisation and no other subscription has it: staff may
 * copy a subscription with its metadata, and a second one must not provision the project again. One that ended before
 * anything was made lets go of its order, so that the customer can pay anew.
 * @returns subscription id → order id
 */
export function assignOrders(input: {
  readonly candidates: readonly Candidate[];
  readonly known: readonly Holder[];
  readonly ownOrders: ReadonlySet<number>;
}): ReadonlyMap<string, number> {
  const assigned = new Map<string, number>();
  const taken = new Set<number>();
  for (const holder of input.known) {
    const letsGo = holder.access === 'none' && hasEnded(holder);
    if (holder.orderId === null) continue;
    assigned.set(holder.providerId, holder.orderId);
    if (!letsGo) taken.add(holder.orderId);
  }
  const byAge = [...input.candidates].sort((a, b) => a.created.getTime() - b.created.getTime());
  for (const { providerId, orderId } of byAge) {
    if (orderId === null || assigned.has(providerId)) continue;
    if (!input.ownOrders.has(orderId) || taken.has(orderId)) continue;
    assigned.set(providerId, orderId);
    taken.add(orderId);
  }
  return assigned;
}
