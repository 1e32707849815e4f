/** Metered usage over Stripe: meter events in, summaries out. https://docs.stripe.com/api/billing/meter-event */
import type { UsageGateway } from '../billing/commands/report-usage.ts';
import { ConnectorError } from '../errors.ts';
import type { Stripe } from './client.ts';
import { seconds } from './dates.ts';
import { stripeCall } from './errors.ts';

const MINUTE = 60;

export function createUsageGateway(stripe: Stripe): UsageGateway {
  const meters = new Map<string, string>();

  async function meterOf(eventName: string): Promise<string> {
    if (!meters.has(eventName)) {
      const all = await stripeCall(() =>
        stripe.billing.meters.list({ status: 'active', limit: 100 }).autoPagingToArray({ limit: 10_000 }),
      );
      for (const { id, event_name } of all) meters.set(event_name, id);
    }
    const id = meters.get(eventName);
    if (id !== undefined) return id;
    throw new ConnectorError({
      kind: 'permanent',
      code: 'price_missing',
      system: 'stripe',
      message: `Stripe has no active meter for ${eventName}`,
      advice: 'Run "cli setup stripe": it brings Stripe in line with mappings/plans.json.',
    });
  }

  return {
    async report({ customerId, eventName, value, identifier, at }) {
      try {
        await stripeCall(() =>
          stripe.billing.meterEvents.create(
            {
              event_name: eventName,
              // Payload values are strings.
              payload: { stripe_customer_id: customerId, value: String(value) },
              identifier,
              ...(at !== undefined && { timestamp: seconds(at) }),
            },
            { idempotencyKey: `usage_${identifier}` },
          ),
        );
      } catch (thrown) {
        // Stripe has it already: the identifier names the fact.
        if ((thrown as ConnectorError).details?.stripeCode !== 'duplicate_meter_event') throw thrown;
      }
    },

    async used({ customerId, eventName, from, to }) {
      const meter = await meterOf(eventName);
      // "Must be aligned with minute boundaries."
      const start_time = Math.floor(from.getTime() / 1000 / MINUTE) * MINUTE;
      const end_time = Math.ceil(to.getTime() / 1000 / MINUTE + 1) * MINUTE;
      const page = await stripeCall(() =>
        stripe.billing.meters.listEventSummaries(meter, { customer: customerId, start_time, end_time }),
      );
      return page.data.reduce((sum, { aggregated_value }) => sum + aggregated_value, 0);
    },
  };
}
