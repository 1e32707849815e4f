/** The account itself. https://docs.stripe.com/api/accounts/retrieve */
import type Stripe from 'stripe';
import { ACCOUNT_ID } from './core.ts';
import type { Plain } from './plain.ts';
import { route } from './route.ts';

const ACCOUNT: Plain<Stripe.Account> = {
  id: ACCOUNT_ID,
  object: 'account',
  charges_enabled: true,
  country: 'US',
  default_currency: 'usd',
  details_submitted: true,
  email: 'owner@sandbox.example',
  metadata: {},
  payouts_enabled: true,
  type: 'standard',
};

export const accountRoutes = [
  route('GET', '/v1/account', {}, ({ core }) => ({ ...ACCOUNT, id: core.settings.accountId })),
];
