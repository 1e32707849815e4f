/** What a portal configuration lets customers do. https://docs.stripe.com/api/customer_portal/configurations/object */
import { any, flag, list, object, oneOf, required, text } from './params.ts';
import type { PortalConfiguration } from './plain.ts';

export const FEATURES = object({
  customer_update: object({
    enabled: flag,
    allowed_updates: list(oneOf('address', 'email', 'name', 'phone', 'shipping', 'tax_id')),
  }),
  invoice_history: object({ enabled: required(flag) }),
  payment_method_update: object({ enabled: required(flag), payment_method_configuration: text }),
  subscription_cancel: object({
    enabled: flag,
    mode: oneOf('at_period_end', 'immediately'),
    proration_behavior: oneOf('always_invoice', 'create_prorations', 'none'),
    cancellation_reason: object({ enabled: required(flag), options: list(text) }),
  }),
  subscription_pause: any,
  subscription_update: object({
    enabled: flag,
    billing_cycle_anchor: oneOf('now', 'unchanged'),
    default_allowed_updates: list(oneOf('price', 'promotion_code', 'quantity')),
    proration_behavior: oneOf('always_invoice', 'create_prorations', 'none'),
    products: list(
      object({ product: required(text), prices: required(list(text)), adjustable_quantity: any }),
    ),
    schedule_at_period_end: any,
    trial_update_behavior: text,
  }),
});

type Features = PortalConfiguration['features'];

export const BLANK: Features = {
  customer_update: { allowed_updates: [], enabled: false },
  invoice_history: { enabled: false },
  payment_method_update: { enabled: false, payment_method_configuration: null },
  subscription_cancel: {
    cancellation_reason: { enabled: false, options: [] },
    enabled: false,
    mode: 'at_period_end',
    proration_behavior: 'none',
  },
  subscription_update: {
    billing_cycle_anchor: null,
    default_allowed_updates: [],
    enabled: false,
    products: [],
    proration_behavior: 'none',
    schedule_at_period_end: { conditions: [] },
    trial_update_behavior: 'end_trial',
  },
} as unknown as Features;

/** Each feature given is merged into the present one. */
export function featuresOf(current: Features, given: object): Features {
  const merged: Record<string, unknown> = { ...current };
  for (const [name, settings] of Object.entries(given)) {
    merged[name] = { ...(merged[name] as object | undefined), ...blanksToNull(settings as object) };
  }
  return merged as unknown as Features;
}

// '' clears; for lists that means an empty one.
export function blanksToNull(settings: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => {
      if (value !== '') return [key, value];
      return [key, ['products', 'allowed_updates', 'default_allowed_updates'].includes(key) ? [] : null];
    }),
  );
}
