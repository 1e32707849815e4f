/** What is used, told to Stripe's meters and asked of them. */
import { describe, expect, it } from 'vitest';
import { createUsageGateway } from '../../connector/stripe/usage.ts';
import { openShop } from './shop.ts';

const { world, stripe, meteredPrice, subscribed } = await openShop();
const usage = createUsageGateway(stripe);
const HOUR = 3_600_000;

describe('usage', () => {
  it('counts once however often it is reported, at its own time', async () => {
    const { customer } = await subscribed(await meteredPrice('calls'));
    const customerId = customer as string;
    const now = world.clock.now().getTime();
    const at = new Date(now - 2 * HOUR);
    const call = { customerId, eventName: 'calls', value: 5, identifier: 'call_1', at };
    await usage.report(call);
    await usage.report(call);
    await usage.report({ customerId, eventName: 'calls', value: 2, identifier: 'call_2', at: undefined });
    const used = (from: number, to: number) =>
      usage.used({ customerId, eventName: 'calls', from: new Date(from), to: new Date(to) });
    expect(await used(now - 3 * HOUR, now - HOUR)).toBe(5);
    expect(await used(now - 3 * HOUR, now)).toBe(7);
    // The meter is looked for once.
    expect(world.counts.of('stripe', 'GET /v1/billing/meters')).toBe(1);
  });

  it('that Stripe knows by its name, though under another key, is no error', async () => {
    const { customer } = await subscribed(await meteredPrice('twice'));
    await stripe.billing.meterEvents.create({
      event_name: 'twice',
      payload: { stripe_customer_id: customer as string, value: '1' },
      identifier: 'known',
    });
    const again = {
      customerId: customer as string,
      eventName: 'twice',
      value: 1,
      identifier: 'known',
      at: undefined,
    };
    await expect(usage.report(again)).resolves.toBeUndefined();
  });

  it('of too long ago is refused, and told', async () => {
    const { customer } = await subscribed(await meteredPrice('late'));
    const at = new Date(world.clock.now().getTime() - 36 * 24 * HOUR);
    const late = { customerId: customer as string, eventName: 'late', value: 1, identifier: 'late_1', at };
    await expect(usage.report(late)).rejects.toMatchObject({
      kind: 'permanent',
      details: { stripeCode: 'timestamp_invalid' },
    });
  });

  it('of a meter that Stripe does not have says how it is made', async () => {
    const now = world.clock.now();
    const asked = usage.used({ customerId: 'cus_1', eventName: 'nothing', from: now, to: now });
    await expect(asked).rejects.toMatchObject({
      code: 'price_missing',
      message: 'Stripe has no active meter for nothing',
      advice: expect.stringContaining('cli setup stripe'),
    });
  });
});
