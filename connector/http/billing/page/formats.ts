/** Days, plans and amounts as the billing page says them. */
import { findPlan } from '../../../billing/plans.ts';
import { money, per } from '../../money.ts';
import { BILLING_TEXTS } from './texts.ts';
import type { BillingView, ShownSubscription } from './view.ts';

export const day = (view: Pick<BillingView, 'language'>, at: Date): string =>
  new Intl.DateTimeFormat(view.language, { dateStyle: 'long', timeZone: 'UTC' }).format(at);

export function planName({ catalogue, language }: BillingView, planKey: string | null): string {
  const plan = planKey === null ? undefined : findPlan(catalogue, planKey);
  return plan?.name ?? BILLING_TEXTS[language].unknownPlan;
}

/** Of all its items, before discounts and taxes. */
export function price(view: BillingView, { row }: Pick<ShownSubscription, 'row'>): string {
  const amount = money(row.recurringAmount, row.currency, view.language);
  const { billingInterval: interval } = row;
  return interval === 'month' || interval === 'year' ? `${amount} ${per(interval, view.language)}` : amount;
}
