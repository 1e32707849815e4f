/** The Stripe account: reachable, in step with our clock, with our endpoint, prices and portal. */
import { createStripe } from '../../../connector/stripe/client.ts';
import { stripeCall } from '../../../connector/stripe/errors.ts';
import type { Check, DoctorContext } from './context.ts';
import { each, type Finding, failed, green, red, unproven, yellow } from './finding.ts';
import { endpointFindings } from './stripe-endpoint.ts';
import { portalFindings } from './stripe-portal.ts';
import { priceFindings } from './stripe-prices.ts';

// Stripe signs with its time, and an event older than 300 s is refused.
const SKEW_RED_S = 240;
const SKEW_YELLOW_S = 30;

export const stripe: Check = {
  system: 'stripe',
  needs: ['STRIPE_', 'PUBLIC_URL'],
  async run(context) {
    const client = createStripe({ ...context.config.stripe, timeoutMs: context.callMs });
    try {
      const account = await stripeCall(() => client.accounts.retrieveCurrent());
      const { date } = account.lastResponse.headers;
      return [
        green(`account ${account.id} answers`),
        modeFinding(context),
        clockFinding(date, context.now()),
        ...(await each({
          'webhook endpoint': () => endpointFindings(client, context.config),
          prices: () => priceFindings(client, context.config),
          'customer portal': () => portalFindings(client, context.config),
        })),
        unproven(
          'that STRIPE_WEBHOOK_SECRET belongs to this endpoint: Stripe shows a secret only once',
          'Send a test event from the Dashboard and look for it in the log.',
        ),
      ];
    } catch (thrown) {
      return [failed('account', thrown)];
    }
  },
};

function modeFinding({ config }: DoctorContext): Finding {
  const { livemode } = config.stripe;
  if (!livemode) return green('test mode: no real money moves');
  if (config.publicUrl.startsWith('https://')) return green('live mode');
  return red('live mode, but PUBLIC_URL is not https', 'Set PUBLIC_URL to an https address.');
}

function clockFinding(date: string | undefined, now: Date): Finding {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs))
    return unproven('the clock: Stripe’s answer had no Date', 'Run NTP on this host.');
  const seconds = Math.round((now.getTime() - theirs) / 1000);
  const text = `this host’s clock is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} Stripe’s`;
  const advice = 'Set the clock (NTP): events whose time is more than 300 s off are refused.';
  if (Math.abs(seconds) >= SKEW_RED_S) return red(text, advice);
  return Math.abs(seconds) >= SKEW_YELLOW_S ? yellow(text, advice) : green(text);
}
