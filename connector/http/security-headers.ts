/** What every answer tells the browser; strict first, and one page widened by exactly what Stripe.js needs. */
import type { RequestHandler, Response } from 'express';

const BASE: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'"],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
};

export function securityHeaders(publicUrl: string): RequestHandler {
  const secure = publicUrl.startsWith('https:');
  const policy = serialize(BASE);
  return (_req, res, next) => {
    res.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      // Paths hold tokens (orders, credentials): nobody hears where a visitor comes from.
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
      'Cache-Control': 'no-store',
      ...(secure && { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' }),
    });
    next();
  };
}

/**
 * Lets the page show Stripe's embedded checkout.
 * Origins: docs.stripe.com/security/guide#content-security-policy (Stripe.js and Checkout).
 * @param stripeApiUrl the sandbox's address, which then stands in the place of Stripe's
 */
export function allowStripe(res: Response, stripeApiUrl: string | undefined): void {
  const at = sourcesOf(stripeApiUrl);
  const policy = serialize({
    ...BASE,
    'script-src': ["'self'", ...at.scripts],
    'frame-src': at.frames,
    'connect-src': ["'self'", ...at.calls],
    'img-src': ["'self'", ...at.images],
    // The way without scripts: our form's answer redirects to Stripe's own page, which browsers count as its target.
    'form-action': ["'self'", ...at.pages],
  });
  res.set({
    'Content-Security-Policy': policy,
    // Banks open their own window for 3-D Secure; and Stripe's frame is told our origin, never a path.
    'Cross-Origin-Opener-Policy': 'same-origin-allow-popups',
    'Referrer-Policy': 'strict-origin',
  });
}

/** Browsers hold `form-action` against the redirect after a POST too: where our form leads has to stand in it. */
export function allowForms(res: Response, origins: readonly string[]): void {
  res.set('Content-Security-Policy', serialize({ ...BASE, 'form-action': ["'self'", ...origins] }));
}

/** The billing page: its forms lead to the provider's portal and to open invoices. */
export function allowPortal(res: Response, stripeApiUrl: string | undefined): void {
  allowForms(res, sourcesOf(stripeApiUrl).portal);
}

interface Sources {
  readonly scripts: readonly string[];
  readonly frames: readonly string[];
  readonly calls: readonly string[];
  readonly images: readonly string[];
  readonly pages: readonly string[];
  readonly portal: readonly string[];
}

const STRIPE: Sources = {
  scripts: ['https://js.stripe.com', 'https://*.js.stripe.com', 'https://checkout.stripe.com'],
  frames: [
    'https://js.stripe.com',
    'https://*.js.stripe.com',
    'https://hooks.stripe.com',
    'https://checkout.stripe.com',
  ],
  calls: ['https://api.stripe.com', 'https://checkout.stripe.com'],
  images: ['https://*.stripe.com'],
  pages: ['https://checkout.stripe.com'],
  portal: ['https://billing.stripe.com', 'https://invoice.stripe.com'],
};

function sourcesOf(stripeApiUrl: string | undefined): Sources {
  if (stripeApiUrl === undefined) return STRIPE;
  const only = [new URL(stripeApiUrl).origin];
  return { scripts: only, frames: only, calls: only, images: only, pages: only, portal: only };
}

/** Where Stripe.js of the pinned release is; always Stripe's own (or the sandbox's) server, never a copy. */
export function stripeJsUrl(stripeApiUrl: string | undefined): string {
  return stripeApiUrl === undefined
    ? 'https://js.stripe.com/endive/stripe.js'
    : new URL('/endive/stripe.js', stripeApiUrl).href;
}

function serialize(policy: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources.join(' ')}`)
    .join('; ');
}
