/** Add-ons by their commands: repeated wishes, other intervals, and what the registries say of a domain. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AddOn } from '../../../connector/billing/catalogue.ts';
import type { DomainFacts } from '../../../connector/billing/commands/addon-gateway.ts';
import {
  type AddOnDeps,
  purchaseAddOn,
  quoteAddOn,
  removeAddOn,
} from '../../../connector/billing/commands/addons.ts';
import { createAddOnGateway } from '../../../connector/stripe/add-ons.ts';
import { type Scene, startScene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene.stop());

function deps(
  facts?: DomainFacts,
  change: { key: string; by: Partial<AddOn> } | undefined = undefined,
): AddOnDeps {
  return {
    ...scene.deps,
    catalogue: {
      ...scene.catalogue,
      addOns: scene.catalogue.addOns.map((each) =>
        each.key === change?.key ? { ...each, ...change.by } : each,
      ),
    },
    addOns: createAddOnGateway(scene.stripe),
    domains: { look: async () => facts! },
    onTransition: scene.onTransition,
  };
}

it('one wish buys one add-on, however often it is asked for', async () => {
  const { subscriptionId, customerId } = await scene.buy();
  const wish = { subscriptionId, addOnKey: 'email_5', requestId: 'one-wish' };
  const first = await purchaseAddOn(deps(), wish);
  const invoices = async () => (await scene.stripe.invoices.list({ customer: customerId })).data.length;
  const before = await invoices();
  expect(await purchaseAddOn(deps(), wish)).toEqual(first);
  expect(await invoices()).toBe(before);
  await removeAddOn(deps(), { subscriptionId, id: first.id });
  await expect(removeAddOn(deps(), { subscriptionId, id: first.id })).rejects.toMatchObject({
    kind: 'absent',
    code: 'addon_not_found',
  });
});

it('is told staff when it comes and when it goes, sold once or by the month', async () => {
  const { subscriptionId } = await scene.buy({ plan: 'professional' });
  const told = async () => {
    const { rows } = await scene.db.query<{ added: Named[]; removed: Named[] }>(
      `select data->'added' as added, data->'removed' as removed from transitions
        where subscription_id = $1 and kind = 'addons_changed' order by id`,
      [subscriptionId],
    );
    return rows.map(({ added, removed }) =>
      [added, removed].map((list) => list.map(({ addOnKey }) => addOnKey)),
    );
  };
  type Named = { readonly addOnKey: string };
  const once = { subscriptionId, addOnKey: 'premium_ssl', requestId: 'told-once' };
  await purchaseAddOn(deps(), once);
  await purchaseAddOn(deps(), once);
  expect(await told()).toEqual([[['premium_ssl'], []]]);
  const { id } = await purchaseAddOn(deps(), {
    subscriptionId,
    addOnKey: 'email_10',
    requestId: 'told-monthly',
  });
  await removeAddOn(deps(), { subscriptionId, id });
  expect((await told()).slice(1)).toEqual([
    [['email_10'], []],
    [[], ['email_10']],
  ]);
});

it('is billed with the subscription’s year, and cannot be had where it is not sold so', async () => {
  const { subscriptionId } = await scene.buy({ interval: 'year' });
  const wish = { subscriptionId, addOnKey: 'email_5' };
  const { prices } = scene.catalogue.addOns.find(({ key }) => key === 'email_5')!;
  expect(await quoteAddOn(deps(), wish)).toMatchObject({ interval: 'year', unitAmount: prices.year });
  const monthly = deps(undefined, { key: 'email_5', by: { prices: { month: prices.month! } } });
  await expect(quoteAddOn(monthly, wish)).rejects.toMatchObject({
    code: 'addon_without_price',
    message: expect.stringContaining('not sold by the year'),
  });
  await expect(quoteAddOn(deps(), { ...wish, addOnKey: 'gold_taps' })).rejects.toMatchObject({
    code: 'addon_not_found',
  });
});

describe('a domain', () => {
  let subscriptionId: number;
  beforeAll(async () => {
    ({ subscriptionId } = await scene.buy());
  });

  const OURS = ['ns1.cde.example', 'ns2.cde.example'];
  it.each<[string, DomainFacts, readonly string[], object]>([
    ['nobody has registered', { registered: false, nameServers: [] }, [], { code: 'domain_not_registered' }],
    [
      'neither registry nor DNS know',
      { registered: null, nameServers: [] },
      [],
      { code: 'domain_not_registered' },
    ],
    [
      'without name servers',
      { registered: true, nameServers: [] },
      [],
      { code: 'domain_not_delegated', advice: 'Set its name servers first.' },
    ],
    [
      'with somebody else’s name servers',
      { registered: true, nameServers: ['ns.else.example'] },
      OURS,
      { code: 'domain_not_delegated', advice: `Set its name servers to ${OURS.join(', ')}.` },
    ],
  ])('%s is refused', async (_name, facts, nameServers, error) => {
    const by = { domain: { nameServers } };
    await expect(
      quoteAddOn(deps(facts, { key: 'custom_domain', by }), {
        subscriptionId,
        addOnKey: 'custom_domain',
        domain: 'harbour.example',
      }),
    ).rejects.toMatchObject(error);
  });

  it.each<[string, DomainFacts, readonly string[]]>([
    ['DNS knows where no registry can be asked', { registered: null, nameServers: ['ns.any.example'] }, []],
    ['uses one of our name servers', { registered: true, nameServers: [OURS[1]!] }, OURS],
  ])('that %s can be had', async (_name, facts, nameServers) => {
    const by = { domain: { nameServers } };
    const quote = await quoteAddOn(deps(facts, { key: 'custom_domain', by }), {
      subscriptionId,
      addOnKey: 'custom_domain',
      domain: 'Harbour.Example',
    });
    expect(quote.domain).toBe('harbour.example');
  });
});
