/** What is billed by meter: reported as events, each counted once, added up per customer and time. */
import { expect, test } from 'vitest';
import { openAccount, payingCustomer, refusal, soon } from './account.ts';

const MINUTE = 60;

test('use is counted once per identifier and added up for its customer', async () => {
  const account = await openAccount();
  const { stripe, run, tidy } = account;
  const meter = await stripe.billing.meters.create({
    display_name: run,
    event_name: run,
    default_aggregation: { formula: 'sum' },
    customer_mapping: { type: 'by_id', event_payload_key: 'stripe_customer_id' },
    value_settings: { event_payload_key: 'value' },
  });
  tidy(() => stripe.billing.meters.deactivate(meter.id));
  const [customer, other] = [await payingCustomer(account), await payingCustomer(account)];
  const report = (who: string, value: string, identifier: string) =>
    stripe.billing.meterEvents.create({
      event_name: run,
      payload: { stripe_customer_id: who, value },
      identifier,
    });
  const now = Math.floor(Date.now() / 1000);
  await report(customer.id, '5', `${run}-a`);
  await report(customer.id, '7', `${run}-b`);
  await report(other.id, '100', `${run}-c`);
  const twice = await refusal(report(customer.id, '5', `${run}-a`));
  expect(twice).toMatchObject({ statusCode: 400, code: 'duplicate_meter_event' });
  const start_time = Math.floor(now / MINUTE) * MINUTE - MINUTE;
  const period = { customer: customer.id, start_time, end_time: start_time + 60 * MINUTE };
  // Taken at once, added up a little later.
  const used = await soon(account, 'the sum of both', async () => {
    const { data } = await stripe.billing.meters.listEventSummaries(meter.id, period);
    const sum = data.reduce((total, { aggregated_value }) => total + aggregated_value, 0);
    return sum < 12 ? undefined : sum;
  });
  expect(used).toBe(12);
  const askew = { ...period, start_time: start_time + 1 };
  expect((await refusal(stripe.billing.meters.listEventSummaries(meter.id, askew))).statusCode).toBe(400);
});
