/** What a Checkout Session is refused for. https://docs.stripe.com/api/checkout/sessions/create */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { invalid } from './errors.ts';
import { DAY, HOUR } from './periods.ts';
import type { Plain } from './plain.ts';

export type SessionCreate = Plain<Stripe.Checkout.SessionCreateParams>;

/** The addresses that belong to the way the page is shown, and only those. */
export function checkAddresses(params: SessionCreate, embedded: boolean): void {
  const refuse = (param: string, message: string) => {
    throw invalid(message, { param });
  };
  if (embedded) {
    if (params.success_url !== undefined)
      refuse('success_url', 'success_url is not allowed with ui_mode embedded_page.');
    if (params.cancel_url !== undefined)
      refuse('cancel_url', 'cancel_url is not allowed with ui_mode embedded_page.');
    if (params.return_url === undefined && params.redirect_on_completion !== 'never') {
      refuse('return_url', 'return_url is required with ui_mode embedded_page.');
    }
  } else {
    if (params.return_url !== undefined)
      refuse('return_url', 'return_url is only allowed with ui_mode embedded_page.');
    if (params.success_url === undefined)
      refuse('success_url', 'success_url is required with ui_mode hosted_page.');
  }
  for (const param of ['success_url', 'cancel_url', 'return_url'] as const) {
    const url = params[param];
    if (url !== undefined && !/^https?:\/\/\S+$/.test(url)) {
      throw invalid('Not a valid URL', { param, code: 'url_invalid' });
    }
  }
}

// "It can be anywhere from 30 minutes to 24 hours after Checkout Session creation." (expires_at)
export function expiry(core: Core, given: number | undefined): number {
  if (given === undefined) return core.now() + DAY;
  if (given < core.now() + HOUR / 2 || given > core.now() + DAY) {
    throw invalid('The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from now.', {
      param: 'expires_at',
    });
  }
  return given;
}
