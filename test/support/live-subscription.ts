/** A subscription as the provider has it now: one month of November 2026, without items; a test changes what it is about. */
import type { LiveSubscription } from '../../connector/billing/commands/subscription-gateway.ts';

export const liveOf = (change: Partial<LiveSubscription> = {}): LiveSubscription => ({
  providerId: 'sub_7',
  customerId: 'cus_7',
  status: 'active',
  currency: 'usd',
  items: [],
  currentPeriodStart: new Date('2026-11-01'),
  currentPeriodEnd: new Date('2026-12-01'),
  cancelAtPeriodEnd: false,
  cancelAt: null,
  endedAt: null,
  trialEnd: null,
  collectionPaused: false,
  updatePending: false,
  mayWaitForPayment: true,
  scheduleId: null,
  scheduled: null,
  hasPaymentMethod: true,
  discounts: [],
  ...change,
});
