/** So many requests a minute from one address, or of one proven caller; counted in this process, so N instances allow N times as many. */
import type { Request, RequestHandler } from 'express';
import { rateLimit as expressRateLimit, ipKeyGenerator } from 'express-rate-limit';
import { errorPage } from './error-page.ts';
import { languageOf } from './page.ts';
import { requestError, sendProblem, toProblem } from './problem.ts';

/** Somebody known by more than an address, from which many may come. */
interface ProvenCaller {
  /** undefined: nobody proven, who counts by address. */
  readonly of: (req: Request) => string | undefined;
  readonly perMinute: number;
}

/**
 * @param site what the site is called: set for pages, whose visitors get a page instead of a problem document
 * Addresses come from `req.ip`, so TRUST_PROXY decides whether X-Forwarded-For is believed; IPv6 counts by /56.
 */
export function rateLimit(perMinute: number, site?: string, caller?: ProvenCaller): RequestHandler {
  return expressRateLimit({
    windowMs: 60_000,
    limit: (req) => (caller?.of(req) === undefined ? perMinute : caller.perMinute),
    keyGenerator: (req) => caller?.of(req) ?? ipKeyGenerator(req.ip ?? ''),
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Its start-up checks print to the console; our configuration is checked before.
    validate: false,
    handler: (req, res) => {
      if (site !== undefined && req.accepts(['json', 'html']) === 'html') {
        res.set('Retry-After', '60');
        return errorPage(res, { status: 429, site, language: languageOf(req) });
      }
      const problem = toProblem(
        requestError('rate_limited', 'Too many requests.', 'Wait a minute and try again.'),
      );
      sendProblem(res, { ...problem, retryAfterSeconds: 60 });
    },
  });
}
