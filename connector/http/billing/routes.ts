/** Every route of the billing API but checkout, which visitors without a token use too. */
import { addOnRoutes } from './addon-routes.ts';
import { changeRoutes } from './change-routes.ts';
import { customerRoutes } from './customer-routes.ts';
import { invoiceRoutes } from './invoice-routes.ts';
import { readRoutes } from './read-routes.ts';
import type { BillingRoute } from './route.ts';
import { tierRoutes } from './tier-routes.ts';
import { usageRoutes } from './usage-routes.ts';

export const BILLING_ROUTES: readonly BillingRoute[] = [
  ...readRoutes,
  ...changeRoutes,
  ...tierRoutes,
  ...addOnRoutes,
  ...invoiceRoutes,
  ...customerRoutes,
  ...usageRoutes,
];
