/** The billing page's reads and changes over Stripe, for customers as they are and for those that are gone. */
import { describe, expect, it } from 'vitest';
import { createAccountGateway } from '../../connector/stripe/billing-account.ts';
import { createSubscriptionGateway } from '../../connector/stripe/subscriptions.ts';
import { openShop } from './shop.ts';

const { world, stripe, price, customer, subscribed } = await openShop();
const account = createAccountGateway(stripe);

describe('the invoice to come', () => {
  it('is none of a subscription that ends with its period', async () => {
    const { id, items } = await subscribed(await price());
    const of = { subscriptionId: id, scheduleId: null };
    expect(await account.upcomingInvoice(of)).toMatchObject({
      total: 1000,
      lines: [{ amount: 1000 }],
      at: new Date(items.data[0]!.current_period_end * 1000),
    });
    await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    expect(await account.upcomingInvoice(of)).toBeNull();
  });

  it('is of the plan that comes with the next period', async () => {
    const [small, large] = [await price(), await price({ unit_amount: 7000 })];
    const { id } = await subscribed(small);
    const gateway = createSubscriptionGateway(stripe);
    const live = await gateway.read(id);
    const items = [{ id: live.items[0]!.id, priceId: large.id, quantity: 1 }];
    const { scheduleId } = await gateway.changeAtPeriodEnd(
      live,
      { items, interval: 'month', setup: null, prorationDate: 0 },
      'upcoming_1',
    );
    expect(await account.upcomingInvoice({ subscriptionId: id, scheduleId })).toMatchObject({
      total: 7000,
      at: live.currentPeriodEnd,
    });
  });

  it('has its day also where the customer pays it by a page of theirs', async () => {
    const [{ id: plan }, { id: by }] = [await price(), await customer()];
    const { id, items } = await stripe.subscriptions.create({
      customer: by,
      items: [{ price: plan }],
      collection_method: 'send_invoice',
      days_until_due: 14,
    });
    expect(await account.upcomingInvoice({ subscriptionId: id, scheduleId: null })).toMatchObject({
      at: new Date(items.data[0]!.current_period_end * 1000),
    });
  });

  it('is not taken for none when Stripe does not know the subscription, or is away', async () => {
    const of = { subscriptionId: 'sub_none', scheduleId: null };
    await expect(account.upcomingInvoice(of)).rejects.toMatchObject({ kind: 'absent' });
    world.faults.add({
      system: 'stripe',
      operation: 'POST /v1/invoices/create_preview',
      times: 1,
      kind: 'permanent',
    });
    const { id } = await subscribed(await price());
    const refused = account.upcomingInvoice({ subscriptionId: id, scheduleId: null });
    await expect(refused).rejects.toMatchObject({ code: 'stripe_invalid_request' });
  });
});

describe('the customer', () => {
  it('without anything has nothing to show', async () => {
    const { id } = await stripe.customers.create({});
    expect(await account.customer(id)).toEqual({
      name: null,
      email: null,
      address: null,
      taxIds: [],
      paymentMethod: null,
    });
  });

  it('with everything shows what is charged, the chosen card before a newer one', async () => {
    const { id } = await customer({
      name: 'Harbour Works',
      email: 'ada@harbour.example',
      address: { line1: 'Quay 1', city: 'Ghent', country: 'BE' },
      tax_id_data: [{ type: 'eu_vat', value: 'BE0123456789' }],
    });
    await stripe.paymentMethods.attach('pm_card_mastercard', { customer: id });
    expect(await account.customer(id)).toEqual({
      name: 'Harbour Works',
      email: 'ada@harbour.example',
      address: { line1: 'Quay 1', line2: null, postal_code: null, city: 'Ghent', state: null, country: 'BE' },
      taxIds: [{ type: 'eu_vat', value: 'BE0123456789' }],
      paymentMethod: {
        brand: 'visa',
        last4: '4242',
        expMonth: expect.any(Number),
        expYear: expect.any(Number),
      },
    });
  });

  it('that was deleted is none', async () => {
    const { id } = await customer();
    await stripe.customers.del(id);
    expect(await account.customer(id)).toBeNull();
  });
});

describe('a change of the customer', () => {
  it('touches only what it names, and clears what is emptied', async () => {
    const { id } = await customer({
      name: 'Harbour Works',
      email: 'ada@harbour.example',
      address: { line1: 'Quay 1', city: 'Ghent', country: 'BE' },
    });
    await account.changeCustomer(id, { email: 'bea@harbour.example' });
    expect(await account.customer(id)).toMatchObject({ name: 'Harbour Works', email: 'bea@harbour.example' });
    await account.changeCustomer(id, { address: { line1: null, city: 'Bruges', country: 'BE' } });
    expect(await account.customer(id)).toMatchObject({
      name: 'Harbour Works',
      address: { line1: null, city: 'Bruges', country: 'BE' },
    });
    const before = world.counts.of('stripe', 'POST /v1/customers/:id');
    await account.changeCustomer(id, {});
    expect(world.counts.of('stripe', 'POST /v1/customers/:id')).toBe(before);
  });

  it('puts one tax id in the place of all others; the same again stays as it is', async () => {
    const { id } = await customer({
      tax_id_data: [
        { type: 'eu_vat', value: 'BE0123456789' },
        { type: 'gb_vat', value: 'GB123456789' },
      ],
    });
    const vat = { type: 'gb_vat', value: 'GB123456789' };
    await account.changeCustomer(id, { taxId: vat });
    const kept = (await stripe.customers.listTaxIds(id)).data;
    expect(kept.map(({ type, value }) => ({ type, value }))).toEqual([vat]);
    await account.changeCustomer(id, { taxId: vat });
    expect((await stripe.customers.listTaxIds(id)).data).toEqual(kept);
    await account.changeCustomer(id, { taxId: null });
    expect((await stripe.customers.listTaxIds(id)).data).toEqual([]);
  });

  it('with a number that is none leaves everything as it was', async () => {
    const { id } = await customer({
      name: 'Harbour Works',
      tax_id_data: [{ type: 'eu_vat', value: 'BE0123456789' }],
    });
    const wrong = account.changeCustomer(id, { name: 'Other', taxId: { type: 'eu_vat', value: '12' } });
    await expect(wrong).rejects.toMatchObject({ code: 'tax_id_invalid', kind: 'permanent' });
    expect(await account.customer(id)).toMatchObject({
      name: 'Harbour Works',
      taxIds: [{ type: 'eu_vat', value: 'BE0123456789' }],
    });
  });

  it('tells a refusal for another reason from a wrong number', async () => {
    const { id } = await customer();
    world.faults.add({
      system: 'stripe',
      operation: 'POST /v1/customers/:id/tax_ids',
      times: 1,
      kind: 'permanent',
    });
    const refused = account.changeCustomer(id, { taxId: { type: 'eu_vat', value: 'BE0123456789' } });
    await expect(refused).rejects.toMatchObject({ code: 'stripe_invalid_request' });
  });
});
