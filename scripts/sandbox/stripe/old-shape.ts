/**
 * Objects as endpoints pinned to an older API version still receive them.
 * https://docs.stripe.com/changelog/basil (2025-03-31) moved most of it; ui_mode's names changed with 2026-03-25.dahlia.
 */
import type { Links } from './links.ts';
import { oldInvoice, oldLine } from './old-invoice.ts';
import type { StoredEvent, SubscriptionItem } from './plain.ts';
import type { Json, Rendering } from './rendering.ts';

interface Target {
  /** e.g. `2024-06-20` */
  readonly version: string;
  readonly links: Links;
}

const DAHLIA = '2026-03-25';
const BASIL = '2025-03-31';

/** @param version the endpoint's `api_version`; null: the account's default, the newest */
export function renderEvent(event: StoredEvent, version: string | null, links: Links): StoredEvent {
  if (version === null || version >= DAHLIA) return { ...event, api_version: version ?? event.api_version };
  const target = { version, links };
  const { object, previous_attributes: previous } = event.data;
  return {
    ...event,
    api_version: version,
    data: {
      object: renderObject(object, target),
      ...(previous !== undefined && {
        previous_attributes: renderPrevious(object as Json, previous as Json, target),
      }),
    },
  };
}

/** The object and everything inside it. */
export function renderObject(value: unknown, target: Target): unknown {
  if (Array.isArray(value)) return value.map((item) => renderObject(item, target));
  if (typeof value !== 'object' || value === null) return value;
  const original = value as Json;
  const inner = Object.fromEntries(
    Object.entries(original).map(([key, part]) => [key, renderObject(part, target)]),
  );
  const kind = String(original.object);
  if (kind === 'checkout.session') inner.ui_mode = UI_MODES[String(inner.ui_mode)] ?? inner.ui_mode;
  if (target.version >= BASIL) return inner;
  return BEFORE_BASIL[kind]?.({ inner, original, links: target.links }) ?? inner;
}

const UI_MODES: Readonly<Record<string, string>> = { hosted_page: 'hosted', embedded_page: 'embedded' };

const BEFORE_BASIL: Readonly<Record<string, (rendering: Rendering) => Json>> = {
  'checkout.session': ({ inner }) => ({ ...inner, shipping_details: null }),
  subscription: oldSubscription,
  subscription_item: ({ inner }) => {
    const { current_period_start: _, current_period_end: __, current_trial: ___, ...rest } = inner;
    return rest;
  },
  invoice: oldInvoice,
  line_item: oldLine,
  charge: ({ inner, links }) => ({ ...inner, invoice: links.invoiceOfIntent(String(inner.payment_intent)) }),
  payment_intent: ({ inner, links }) => ({ ...inner, invoice: links.invoiceOfIntent(String(inner.id)) }),
};

function oldSubscription({ inner, original }: Rendering): Json {
  const items = (original.items as { data: SubscriptionItem[] }).data;
  const only = items.length === 1 ? items[0] : undefined;
  const { billing_mode: _, billing_schedules: __, managed_payments: ___, ...rest } = inner;
  return {
    ...rest,
    ...periodOf(items),
    discount: null,
    plan: only?.plan ?? null,
    quantity: only?.quantity ?? null,
  };
}

function periodOf(items: readonly SubscriptionItem[]) {
  return {
    current_period_start: Math.min(...items.map((item) => item.current_period_start)),
    current_period_end: Math.max(...items.map((item) => item.current_period_end)),
  };
}

/** What a renewal changed stood at the subscription's top. */
function renderPrevious(object: Json, previous: Json, target: Target): Json {
  const rendered = renderObject(previous, target) as Json;
  if (target.version >= BASIL || object.object !== 'subscription' || !previous.items) return rendered;
  const before = periodOf((previous.items as { data: SubscriptionItem[] }).data);
  const after = periodOf((object.items as { data: SubscriptionItem[] }).data);
  return { ...rendered, ...(before.current_period_end !== after.current_period_end && before) };
}
