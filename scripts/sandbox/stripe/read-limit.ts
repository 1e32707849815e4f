/** At most so many reads a second, when a test asks for it. https://docs.stripe.com/rate-limits */
import type { Core } from './core.ts';
import { StripeFault } from './errors.ts';

/** @returns called for each read; throws 429 above the limit */
export function createReadLimit(core: Core): () => void {
  let reads: number[] = [];
  return () => {
    const limit = core.settings.readsPerSecond;
    if (limit === undefined) return;
    const now = Date.now();
    reads = reads.filter((at) => at > now - 1000);
    if (reads.length >= limit) {
      throw new StripeFault(
        429,
        {
          type: 'invalid_request_error',
          code: 'rate_limit',
          message:
            'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
        },
        { headers: { 'retry-after': '1', 'stripe-rate-limited-reason': 'endpoint-rate' }, executed: false },
      );
    }
    reads.push(now);
  };
}
