/** What is billed by meter has neither a quantity nor an amount before it is used. */
import type { Stripe } from './client.ts';

export const isMetered = ({ recurring }: Stripe.Price): boolean => recurring?.usage_type === 'metered';
