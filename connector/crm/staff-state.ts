import type { SubscriptionRecord } from '../billing/sale.ts';

/** The one word staff see: columns of the kanban view, steps of the status bar. */
export type StaffState = 'starting' | 'trial' | 'active' | 'past_due' | 'suspended' | 'ended';

const OF_STATUS: Readonly<Record<string, StaffState>> = {
  trialing: 'trial',
  active: 'active',
  past_due: 'past_due',
  unpaid: 'past_due',
  paused: 'suspended',
  canceled: 'ended',
  incomplete_expired: 'ended',
};

/**
 * Stripe's status and our access state as one of six words. A status Stripe may add one day is `starting` here; the
 * record carries Stripe's own word beside it.
 */
export function staffState({ status, access }: Pick<SubscriptionRecord, 'status' | 'access'>): StaffState {
  const state = OF_STATUS[status] ?? 'starting';
  // Paid, but nothing of it works yet.
  if (access === 'provisioning' && (state === 'active' || state === 'trial')) return 'starting';
  return access === 'suspended' && state !== 'ended' ? 'suspended' : state;
}
