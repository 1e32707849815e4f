import { beforeAll, describe, expect, it } from 'vitest';
import { registeredTypes } from '../../../connector/inbox/event-table.ts';
import { API_VERSION, createStripe, type Stripe } from '../../../connector/stripe/client.ts';
import { mappingsWith, type Patient, prepared } from './stage.ts';

let patient: Patient;
let stripe: Stripe;
let endpoint: Stripe.WebhookEndpoint;

beforeAll(async () => {
  patient = await prepared();
  stripe = createStripe({ secretKey: patient.env.STRIPE_SECRET_KEY!, apiUrl: patient.world.urls.stripe });
  endpoint = (await stripe.webhookEndpoints.list()).data.find(({ url }) =>
    url.startsWith(patient.env.PUBLIC_URL!),
  )!;
});

const withEvents = async (events: readonly string[]) => {
  await stripe.webhookEndpoints.update(endpoint.id, { enabled_events: [...events] as never });
  const seen = await patient.look();
  await stripe.webhookEndpoints.update(endpoint.id, { enabled_events: [...registeredTypes()] as never });
  return seen;
};

describe('doctor on Stripe', () => {
  it('finds nothing red in an installation that was just set up', async () => {
    const seen = await patient.look();
    expect(seen.findings.filter(({ colour }) => colour === 'red')).toEqual([]);
    expect(seen.code).toBe(0);
    expect(seen.of('stripe')).toEqual([
      expect.stringMatching(/^green account acct_/),
      'green test mode: no real money moves',
      expect.stringMatching(/^green this host’s clock is \d s/),
      expect.stringContaining(`green webhook endpoint ${endpoint.id}`),
      `green all ${registeredTypes().length} events of the event table`,
      `green events come in version ${API_VERSION}`,
      expect.stringMatching(/^green all \d+ prices of the catalogue/),
      'green customer portal configuration',
      expect.stringMatching(/^unproven that STRIPE_WEBHOOK_SECRET/),
    ]);
  });

  it('a price taken off sale', async () => {
    const price = (await stripe.prices.list({ lookup_keys: ['starter_month'], active: true })).data[0]!;
    await stripe.prices.update(price.id, { active: false });
    const seen = await patient.look();
    await stripe.prices.update(price.id, { active: true });
    expect(seen.code).toBe(1);
    expect(seen.of('stripe')).toContain('red price starter_month is missing');
  });

  it('a price that belongs to no plan, and one of another amount or interval', async () => {
    const price = (await stripe.prices.list({ lookup_keys: ['starter_setup'], active: true })).data[0]!;
    await stripe.prices.update(price.id, { metadata: { plan_key: 'other' } });
    const MAPPINGS_DIR = mappingsWith('plans.json', (text) => text.replaceAll('25000', '25001'));
    const seen = await patient.look({ MAPPINGS_DIR });
    await stripe.prices.update(price.id, { metadata: { plan_key: 'starter' } });
    expect(seen.of('stripe')).toContain('red price starter_setup lacks the metadata plan_key');
    expect(seen.of('stripe')).toContain(
      'red price starter_month costs 25000 usd in Stripe, 25001 usd in the catalogue (minor units)',
    );
    expect(seen.code).toBe(1);
  });

  it('an endpoint without an event, with one too many, with all, disabled, and none', async () => {
    const [first, ...others] = registeredTypes();
    const lacking = await withEvents(others);
    expect(lacking.of('stripe')).toContain(`red the endpoint lacks ${first}`);
    expect(lacking.code).toBe(1);
    const more = await withEvents([...registeredTypes(), 'payout.paid']);
    expect(more.of('stripe')).toContain('yellow the endpoint gets unused payout.paid');
    expect(more.code).toBe(0);
    expect((await withEvents(['*'])).of('stripe')).toContain('yellow the endpoint gets all events');
    await stripe.webhookEndpoints.update(endpoint.id, { disabled: true });
    expect((await patient.look()).of('stripe')).toContainEqual(expect.stringMatching(/^red .*is disabled/));
    await stripe.webhookEndpoints.update(endpoint.id, { disabled: false });
    const elsewhere = await patient.look({ PUBLIC_URL: 'http://127.0.0.1:9' });
    expect(elsewhere.of('stripe')).toContainEqual(expect.stringMatching(/^red no webhook endpoint at/));
  });

  it('an endpoint of an older version, alone and beside the right one', async () => {
    const make = (url: string) =>
      stripe.webhookEndpoints.create({
        url,
        enabled_events: [...registeredTypes()] as never,
        api_version: '2024-06-20',
      });
    const PUBLIC_URL = 'http://127.0.0.1:10';
    const alone = await make(`${PUBLIC_URL}/webhooks/stripe`);
    expect((await patient.look({ PUBLIC_URL })).of('stripe')).toContainEqual(
      expect.stringMatching(/^yellow events come in version 2024-06-20/),
    );
    const beside = await make(endpoint.url);
    expect((await patient.look()).of('stripe')).toContainEqual(
      expect.stringMatching(/^yellow 2 webhook endpoints/),
    );
    for (const { id } of [alone, beside]) await stripe.webhookEndpoints.del(id);
  });

  it('a portal that offers something else', async () => {
    const [portal] = (await stripe.billingPortal.configurations.list({ active: true })).data;
    await stripe.billingPortal.configurations.update(portal!.id, {
      features: { invoice_history: { enabled: false } },
    });
    const seen = await patient.look();
    await stripe.billingPortal.configurations.update(portal!.id, {
      features: { invoice_history: { enabled: true } },
    });
    expect(seen.of('stripe')).toContainEqual(expect.stringMatching(/^yellow the customer portal/));
  });

  it('a key of another mode, and one that Stripe does not know', async () => {
    const mode = await patient.look({ STRIPE_PUBLISHABLE_KEY: 'pk_live_1' });
    expect(mode.code).toBe(1);
    expect(mode.of('config')).toContainEqual(
      expect.stringMatching(/^red STRIPE_PUBLISHABLE_KEY: is a live key/),
    );
    expect(mode.of('stripe')).toEqual([
      expect.stringMatching(/^unproven not looked at: STRIPE_PUBLISHABLE_KEY/),
    ]);
    expect(mode.of('odoo')).toContainEqual(expect.stringMatching(/^green Odoo 19/));
    const unknown = await patient.look({ STRIPE_SECRET_KEY: 'sk_test_unknown_canary' });
    expect(unknown.of('stripe')).toEqual([expect.stringMatching(/^red account: /)]);
    expect(unknown.output).not.toContain('canary');
  });

  it('a clock that is wrong', async () => {
    const at = (seconds: number) => () => new Date(Date.now() + seconds * 1000);
    expect((await patient.look({}, { now: at(60) })).of('stripe')).toContainEqual(
      expect.stringMatching(/^yellow .* [56]\d s ahead of/),
    );
    const late = await patient.look({}, { now: at(-300) });
    expect(late.of('stripe')).toContainEqual(expect.stringMatching(/^red .* s behind/));
    expect(late.code).toBe(1);
  });

  it('Stripe being away stops nothing else', async () => {
    patient.world.faults.add({ system: 'stripe', kind: 'refused', times: 50 });
    const seen = await patient.look();
    patient.world.faults.clear();
    expect(seen.code).toBe(1);
    expect(seen.of('stripe')).toEqual([expect.stringMatching(/^red account: /)]);
    for (const system of ['odoo', 'b2', 'bep', 'smtp'])
      expect(
        seen.of(system).some((line) => line.startsWith('green')),
        system,
      ).toBe(true);
  });
});
