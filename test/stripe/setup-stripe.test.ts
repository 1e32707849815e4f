import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Stripe from 'stripe';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Catalogue } from '../../connector/billing/catalogue.ts';
import { loadCatalogue } from '../../connector/billing/plans.ts';
import { registeredTypes } from '../../connector/inbox/event-table.ts';
import { API_VERSION, createStripe } from '../../connector/stripe/client.ts';
import { endpointPlan } from '../../connector/stripe/webhook-endpoint.ts';
import { runSetupStripe, setupStripe } from '../../scripts/commands/setup-stripe.ts';
import type { World } from '../../scripts/sandbox/world.ts';
import { startTestWorld } from '../support/sandbox.ts';

const WEBHOOK = 'https://connect.example.com/webhooks/stripe';

interface Setup {
  readonly catalogue: Catalogue;
  readonly dryRun?: boolean;
  readonly secretFile?: string;
  readonly secretKnown?: boolean;
  readonly apiVersion?: string;
  readonly eventTypes?: readonly string[];
  readonly webhookUrl?: string;
}

async function fresh() {
  const world = await startTestWorld();
  const stripe = createStripe({ secretKey: world.env.STRIPE_SECRET_KEY!, apiUrl: world.urls.stripe });
  const folder = await mkdtemp(join(tmpdir(), 'setup-'));
  const run = async (setup: Setup) => {
    const lines: string[] = [];
    const changes = await setupStripe({
      stripe,
      webhookUrl: WEBHOOK,
      secretFile: join(folder, 'secret'),
      dryRun: false,
      print: (line) => lines.push(line),
      eventTypes: registeredTypes(),
      apiVersion: API_VERSION,
      ...setup,
    });
    return { changes, lines };
  };
  return { world, stripe, folder, run };
}

const ours = loadCatalogue('mappings/plans.json');

describe('setup stripe', () => {
  let world: World;
  let stripe: Stripe;
  let folder: string;
  let run: (setup: Setup) => Promise<{ changes: number; lines: string[] }>;
  beforeAll(async () => {
    ({ world, stripe, folder, run } = await fresh());
  });

  it('says the difference and does nothing in a dry run', async () => {
    const { lines } = await run({ catalogue: ours, dryRun: true });
    expect(lines).toContain('would create product professional (Professional)');
    expect(lines).toContain('would create price professional_month: USD 500.00 a month');
    expect(lines).toContain('would create price professional_setup: USD 3000.00 once');
    expect(world.systems.stripe.products()).toEqual([]);
    expect((await stripe.webhookEndpoints.list()).data).toEqual([]);
  });

  it('makes products, prices, the endpoint and the portal', async () => {
    const { changes } = await run({ catalogue: ours });
    // Plans and their set-ups, add-ons; their prices; endpoint and portal.
    expect(changes).toBe(6 + 5 + 9 + 9 + 2);
    const prices = world.systems.stripe.prices();
    expect(prices).toHaveLength(18);
    expect(prices.find(({ lookup_key }) => lookup_key === 'starter_year')).toMatchObject({
      unit_amount: 250_000,
      currency: 'usd',
      recurring: { interval: 'year' },
      metadata: { plan_key: 'starter', role: 'recurring' },
    });
    expect(prices.find(({ lookup_key }) => lookup_key === 'starter_setup')).toMatchObject({
      unit_amount: 150_000,
      recurring: null,
      metadata: { plan_key: 'starter', role: 'setup' },
    });
    for (const { metadata } of world.systems.stripe.products())
      expect(metadata.plan_key ?? metadata.addon_key).toBeDefined();
    expect(prices.find(({ lookup_key }) => lookup_key === 'premium_ssl_once')).toMatchObject({
      unit_amount: 9900,
      recurring: null,
      metadata: { addon_key: 'premium_ssl', role: 'addon' },
    });
    const [endpoint] = (await stripe.webhookEndpoints.list()).data;
    expect(endpoint).toMatchObject({ url: WEBHOOK, api_version: API_VERSION });
    expect([...endpoint!.enabled_events].sort()).toEqual([...registeredTypes()].sort());
    const file = join(folder, 'secret');
    expect((await readFile(file, 'utf8')).trim()).toMatch(/^whsec_\S+$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const portal = (await stripe.billingPortal.configurations.list()).data;
    expect(portal.map(({ default_return_url }) => default_return_url)).toContain(
      'https://connect.example.com/services/comply',
    );
  });

  it('finds nothing to do the second time', async () => {
    expect(await run({ catalogue: ours })).toEqual({ changes: 0, lines: ['nothing to do'] });
  });

  it('replaces a raised price, never edits it, and keeps recognising the old one', async () => {
    const before = world.systems.stripe.prices().find(({ lookup_key }) => lookup_key === 'starter_month')!;
    const raised: Catalogue = {
      ...ours,
      plans: ours.plans.map((plan) =>
        plan.key === 'starter' ? { ...plan, prices: { ...plan.prices, month: 27_500 } } : plan,
      ),
    };
    const { lines } = await run({ catalogue: raised });
    expect(lines[0]).toMatch(/^create price starter_month: USD 275.00 a month \(takes the place/);
    const prices = world.systems.stripe.prices();
    const old = prices.find(({ id }) => id === before.id)!;
    expect(old).toMatchObject({
      active: false,
      unit_amount: 25_000,
      lookup_key: null,
      metadata: { plan_key: 'starter' },
    });
    expect(prices.find(({ lookup_key }) => lookup_key === 'starter_month')).toMatchObject({
      active: true,
      unit_amount: 27_500,
    });
    expect((await run({ catalogue: raised })).lines).toEqual(['nothing to do']);
  });

  it('archives what is no longer sold and mends names and metadata in place', async () => {
    const renamed: Catalogue = {
      ...ours,
      plans: ours.plans.map((plan) =>
        plan.key === 'enterprise' ? { ...plan, name: 'Enterprise+', prices: { month: 100_000 } } : plan,
      ),
    };
    const price = world.systems.stripe.prices().find(({ lookup_key }) => lookup_key === 'enterprise_month')!;
    await stripe.prices.update(price.id, { metadata: { plan_key: 'wrong' } });
    const { lines } = await run({ catalogue: renamed });
    expect(lines).toContain('update product enterprise (Enterprise+)');
    expect(lines).toContain('update metadata of price enterprise_month');
    expect(lines.some((line) => /^archive price .*enterprise, USD 10000.00 a year/.test(line))).toBe(true);
    expect((await run({ catalogue: renamed })).lines).toEqual(['nothing to do']);
  });

  it('brings the endpoint’s types in line, and makes a second endpoint for another version', async () => {
    await run({ catalogue: ours });
    const { lines } = await run({ catalogue: ours, eventTypes: ['invoice.paid'] });
    expect(lines[0]).toMatch(/^update webhook endpoint we_\w+: 1 event types/);
    const newer = await run({
      catalogue: ours,
      eventTypes: ['invoice.paid'],
      apiVersion: '2024-06-20',
      secretFile: join(folder, 'second'),
    });
    expect(newer.lines[0]).toMatch(/create webhook endpoint .*version 2024-06-20/);
    expect(newer.lines[1]).toMatch(/^note: endpoint we_\w+ still sends version 2026-10-28.endive/);
  });

  it('sells by meter in fractions of a cent, finds them again, and replaces the price that was raised', async () => {
    const calls = (unitAmount: string): Catalogue => ({
      ...ours,
      plans: ours.plans.map((plan) =>
        plan.key === 'starter'
          ? {
              ...plan,
              metered: [{ key: 'calls', name: 'Calls', unit: 'call', eventName: 'setup_calls', unitAmount }],
            }
          : plan,
      ),
    });
    await run({ catalogue: ours });
    const { lines } = await run({ catalogue: calls('0.25') });
    expect(lines.slice(0, 2)).toEqual([
      'create meter setup_calls (Calls)',
      'create product meter_calls (Calls)',
    ]);
    expect(lines[2]).toMatch(/^create price starter_calls_month: USD 0.0025 per call a month$/);
    const sold = () =>
      world.systems.stripe
        .prices()
        .find(({ active, lookup_key }) => active && lookup_key === 'starter_calls_month')!;
    expect(sold()).toMatchObject({
      unit_amount: null,
      unit_amount_decimal: '0.25',
      recurring: { usage_type: 'metered' },
    });
    expect((await run({ catalogue: calls('0.25') })).changes).toBe(0);
    await run({ catalogue: calls('0.5') });
    expect(sold()).toMatchObject({ unit_amount_decimal: '0.5' });
    expect(
      (await run({ catalogue: ours })).lines.some((line) =>
        /^archive price .*\(starter, USD 0.005/.test(line),
      ),
    ).toBe(true);
  });

  it('names what it takes off sale: add-ons, and prices that staff gave tiers', async () => {
    await run({ catalogue: ours });
    const [product] = world.systems.stripe.products();
    await stripe.prices.create({
      product: product!.id,
      currency: 'usd',
      recurring: { interval: 'month' },
      billing_scheme: 'tiered',
      tiers_mode: 'graduated',
      tiers: [{ up_to: 'inf', unit_amount: 10 }],
      metadata: { plan_key: 'starter', role: 'recurring' },
    });
    const { lines } = await run({
      catalogue: { ...ours, addOns: ours.addOns.filter(({ key }) => key !== 'premium_ssl') },
    });
    expect(
      lines.filter((line) => line.startsWith('archive')).map((line) => line.replace(/price_\w+/, '…')),
    ).toEqual(
      expect.arrayContaining([
        'archive price … (starter, in tiers a month): no longer in the catalogue',
        'archive price … (premium_ssl, USD 99.00 once): no longer in the catalogue',
      ]),
    );
  });

  it('leaves prices, portals and endpoints of others alone, and says which endpoint is out of date', async () => {
    await run({ catalogue: ours, secretFile: join(folder, 'fourth') });
    const [product] = world.systems.stripe.products();
    const theirs = await stripe.prices.create({ product: product!.id, currency: 'usd', unit_amount: 500 });
    const portal = await stripe.billingPortal.configurations.create({
      features: { invoice_history: { enabled: true } },
    });
    const { id } = await stripe.webhookEndpoints.create({ url: WEBHOOK, enabled_events: ['*'] });
    const { lines } = await run({ catalogue: ours });
    expect(lines).toContain(
      `note: endpoint ${id} still sends version of the account: once the new secret stands first in STRIPE_WEBHOOK_SECRET, delete it in the Dashboard`,
    );
    expect(lines.filter((line) => !line.startsWith('note:'))).toEqual(['nothing to do']);
    expect((await stripe.prices.retrieve(theirs.id)).active).toBe(true);
    expect((await stripe.billingPortal.configurations.retrieve(portal.id)).features).toMatchObject({
      customer_update: { enabled: false },
    });
    await stripe.webhookEndpoints.del(id);
  });

  it('brings the portal back in line', async () => {
    const { lines } = await run({
      catalogue: ours,
      webhookUrl: 'https://moved.example.com/webhooks/stripe',
      secretFile: join(folder, 'third'),
    });
    expect(lines.some((line) => /^update customer portal configuration/.test(line))).toBe(true);
  });
});

describe('the webhook secret', () => {
  it('must have a place before the endpoint is made', async () => {
    const { run, stripe, folder } = await fresh();
    const file = join(folder, 'taken');
    await writeFile(file, 'something');
    await expect(run({ catalogue: ours, secretFile: file })).rejects.toMatchObject({
      code: 'secret_file_unusable',
    });
    expect((await stripe.webhookEndpoints.list()).data).toEqual([]);
    expect((await stripe.products.list()).data).toEqual([]);
  });

  it('leaves no empty file behind when Stripe refuses', async () => {
    const { run, world, folder } = await fresh();
    const file = join(folder, 'secret');
    world.faults.add({ system: 'stripe', operation: 'POST /v1/products', times: 20, kind: 'expired_token' });
    await expect(run({ catalogue: ours, secretFile: file })).rejects.toMatchObject({ system: 'stripe' });
    await expect(stat(file)).rejects.toThrow();
    world.faults.clear();
    await run({ catalogue: ours, secretFile: file });
    expect((await run({ catalogue: ours })).changes).toBe(0);
  });
});

describe('a secret that was lost', () => {
  const endpoints = async (stripe: Stripe) => (await stripe.webhookEndpoints.list()).data;

  it.each([
    ['no file', (file: string) => rm(file)],
    ['an empty file', (file: string) => writeFile(file, '')],
  ])('replaces the endpoint: %s', async (_name, lose) => {
    const { run, stripe, folder } = await fresh();
    const file = join(folder, 'secret');
    await run({ catalogue: ours, secretFile: file });
    const [before] = await endpoints(stripe);
    await lose(file);
    // An installation that has the secret elsewhere keeps its endpoint.
    expect((await run({ catalogue: ours, secretFile: file, secretKnown: true })).changes).toBe(0);
    const { lines } = await run({ catalogue: ours, secretFile: file });
    expect(lines[0]).toBe(
      `delete webhook endpoint ${before!.id}: its signing secret was not kept and is shown only once`,
    );
    expect(lines[1]).toMatch(/^create webhook endpoint/);
    const after = await endpoints(stripe);
    expect(after).toHaveLength(1);
    expect(after[0]!.id).not.toBe(before!.id);
    expect(await readFile(file, 'utf8')).toMatch(/^whsec_\S+\n$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await run({ catalogue: ours, secretFile: file })).changes).toBe(0);
  });

  it('an empty file of a set-up that died before the endpoint is taken', async () => {
    const { run, stripe, folder } = await fresh();
    const file = join(folder, 'secret');
    await writeFile(file, '');
    await run({ catalogue: ours, secretFile: file });
    expect(await endpoints(stripe)).toHaveLength(1);
    expect(await readFile(file, 'utf8')).toMatch(/^whsec_/);
  });

  it('an endpoint whose secret cannot be kept is taken away again', async () => {
    const { world, stripe } = await fresh();
    const plan = await endpointPlan(stripe, {
      url: WEBHOOK,
      eventTypes: registeredTypes(),
      apiVersion: API_VERSION,
      secretLost: false,
      keepSecret: async () => {
        throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
      },
    });
    await expect(plan.changes[0]!.apply()).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await endpoints(stripe)).toEqual([]);
    expect(world.counts.of('stripe', 'POST /v1/webhook_endpoints')).toBe(1);
  });
});

describe('each further catalogue', () => {
  for (const name of ['coditect', 'orion', 'attunelogic', 'blackroad'])
    it(`${name} is set up once`, async () => {
      const { run, world } = await fresh();
      const catalogue = loadCatalogue(`mappings/examples/${name}.json`);
      await run({ catalogue });
      const sold = world.systems.stripe.prices().map(({ lookup_key }) => lookup_key);
      expect(sold.length).toBeGreaterThan(0);
      expect(new Set(sold).size).toBe(sold.length);
      expect(await run({ catalogue })).toEqual({ changes: 0, lines: ['nothing to do'] });
    });
});

describe('cli setup stripe', () => {
  it('takes its settings from the environment and its arguments', async () => {
    const { world, folder, stripe } = await fresh();
    const env = { ...world.env, PUBLIC_URL: 'https://connect.example.com' };
    expect(await runSetupStripe(['--secret-file', join(folder, 'cli')], env)).toBe(0);
    expect((await stripe.webhookEndpoints.list()).data[0]!.url).toBe(WEBHOOK);
    expect(await runSetupStripe(['--dry-run'], env)).toBe(0);
    await expect(runSetupStripe([], {})).rejects.toMatchObject({ code: 'config_invalid' });
    for (const PUBLIC_URL of ['connect.example.com', 'https://[connect'])
      await expect(runSetupStripe([], { ...env, PUBLIC_URL })).rejects.toMatchObject({
        code: 'config_invalid',
        message: `PUBLIC_URL ("${PUBLIC_URL}") is no address`,
      });
  });

  it('refuses to make an endpoint without --secret-file', async () => {
    const { world } = await fresh();
    const env = { ...world.env, PUBLIC_URL: 'https://connect.example.com' };
    await expect(runSetupStripe([], env)).rejects.toMatchObject({ code: 'secret_file_missing' });
  });
});
