/** Every endpoint of the API, and how one is found. */
import { accountRoutes } from './account.ts';
import { checkoutRoutes } from './checkout-sessions.ts';
import { couponRoutes } from './coupons.ts';
import { creditNoteRoutes } from './credit-notes.ts';
import { customerRoutes } from './customers.ts';
import { disputeRoutes } from './dispute-routes.ts';
import { eventRoutes } from './events.ts';
import { invoiceItemRoutes } from './invoice-items.ts';
import { invoiceRoutes } from './invoices.ts';
import { meterRoutes } from './meters.ts';
import { paymentPageRoutes } from './payment-pages.ts';
import { paymentRoutes } from './payment-routes.ts';
import { portalRoutes } from './portal.ts';
import { priceRoutes } from './prices.ts';
import { productRoutes } from './products.ts';
import { promotionCodeRoutes } from './promotion-codes.ts';
import type { Route } from './route.ts';
import { scheduleRoutes } from './schedules.ts';
import { subscriptionRoutes } from './subscriptions.ts';
import { taxIdRoutes } from './tax-ids.ts';
import { testClockRoutes } from './test-clocks.ts';
import { webhookEndpointRoutes } from './webhook-endpoints.ts';

const ROUTES: readonly Route[] = [
  ...accountRoutes,
  ...customerRoutes,
  ...taxIdRoutes,
  ...productRoutes,
  ...priceRoutes,
  ...couponRoutes,
  ...promotionCodeRoutes,
  ...checkoutRoutes,
  ...subscriptionRoutes,
  ...scheduleRoutes,
  ...invoiceItemRoutes,
  ...invoiceRoutes,
  ...paymentRoutes,
  ...paymentPageRoutes,
  ...disputeRoutes,
  ...creditNoteRoutes,
  ...portalRoutes,
  ...meterRoutes,
  ...testClockRoutes,
  ...webhookEndpointRoutes,
  ...eventRoutes,
];

const COMPILED = ROUTES.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
}));

export interface Found {
  readonly route: Route;
  readonly path: Readonly<Record<string, string>>;
}

/** The first that fits: a fixed path stands before one with an id. */
export function findRoute(method: string, pathname: string): Found | undefined {
  for (const { route, pattern } of COMPILED) {
    if (route.method !== method) continue;
    const match = pattern.exec(pathname);
    if (!match) continue;
    const groups = Object.entries(match.groups ?? {});
    return { route, path: Object.fromEntries(groups.map(([name, id]) => [name, decodeURIComponent(id)])) };
  }
  return undefined;
}
