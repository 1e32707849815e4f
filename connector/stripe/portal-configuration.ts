/** What customers may do for themselves in Stripe's portal. */
import type Stripe from 'stripe';
import type { Change } from './change.ts';
import { stripeCall } from './errors.ts';

const OURS = { connector: 'stripe-odoo-connector' };

/** Plans are changed through us (limits, invoices and the ERP follow), so the portal offers everything but that. */
const FEATURES = {
  customer_update: { enabled: true, allowed_updates: ['address', 'email', 'name', 'tax_id'] },
  invoice_history: { enabled: true },
  payment_method_update: { enabled: true },
  subscription_cancel: { enabled: true, mode: 'at_period_end' },
  subscription_update: { enabled: false },
} satisfies Stripe.BillingPortal.ConfigurationCreateParams.Features;

/** Where the portal's link back leads: the wizard. */
export const portalReturnUrl = (publicUrl: string): string => new URL('/services/comply', publicUrl).href;

/** @param returnUrl where the portal's link back leads */
export async function portalChanges(stripe: Stripe, returnUrl: string): Promise<readonly Change[]> {
  const all = await stripeCall(() =>
    stripe.billingPortal.configurations.list({ active: true, limit: 100 }).autoPagingToArray({ limit: 1000 }),
  );
  const there = all.find(({ metadata }) => metadata?.connector === OURS.connector);
  const fields = { features: FEATURES, default_return_url: returnUrl, metadata: OURS };
  if (there === undefined) {
    const apply = async () => {
      await stripeCall(() => stripe.billingPortal.configurations.create(fields));
    };
    return [{ text: 'create customer portal configuration', apply }];
  }
  if (there.default_return_url === returnUrl && sameFeatures(there.features)) return [];
  const apply = async () => {
    await stripeCall(() => stripe.billingPortal.configurations.update(there.id, fields));
  };
  return [{ text: `update customer portal configuration ${there.id}`, apply }];
}

function sameFeatures(there: Stripe.BillingPortal.Configuration.Features): boolean {
  const updates = [...there.customer_update.allowed_updates].sort();
  return (
    there.customer_update.enabled &&
    JSON.stringify(updates) === JSON.stringify([...FEATURES.customer_update.allowed_updates].sort()) &&
    there.invoice_history.enabled &&
    there.payment_method_update.enabled &&
    there.subscription_cancel.enabled &&
    there.subscription_cancel.mode === 'at_period_end' &&
    !there.subscription_update.enabled
  );
}
