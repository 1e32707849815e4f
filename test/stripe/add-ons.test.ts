/** Add-ons at Stripe: which items of a subscription and of its next invoice are some, and what is known of them. */
import { describe, expect, it } from 'vitest';
import { createAddOnGateway } from '../../connector/stripe/add-ons.ts';
import { openShop } from './shop.ts';

const { stripe, product, price, subscribed } = await openShop();
const addOns = createAddOnGateway(stripe);

const wish = (input: { customerId: string; subscriptionId: string; priceId: string }) => ({
  quantity: 2,
  asOf: null,
  addOnKey: 'email_5',
  domain: null,
  requestId: 'wish_1',
  ...input,
});

describe('what a subscription has', () => {
  it('is what was bought, what staff put there, and nothing that is no add-on', async () => {
    const metadata = { addon_key: 'email_5', role: 'addon' };
    const addOn = await price({ metadata, unit_amount: 300 });
    const tiered = await price({
      metadata: { addon_key: 'storage', role: 'addon' },
      billing_scheme: 'tiered',
      tiers_mode: 'graduated',
      tiers: [{ up_to: 'inf', unit_amount: 10 }],
    });
    const { id: subscriptionId, customer } = await subscribed(await price(), await price(), tiered);
    const customerId = customer as string;
    await addOns.addRecurring(
      { ...wish({ customerId, subscriptionId, priceId: addOn.id }), domain: 'harbour.example' },
      'add_1',
    );
    expect(await addOns.list({ customerId, subscriptionId })).toMatchObject([
      { addOnKey: 'storage', sold: 'recurring', quantity: 1, unitAmount: 0, domain: null, requestId: null },
      {
        addOnKey: 'email_5',
        sold: 'recurring',
        quantity: 2,
        unitAmount: 300,
        interval: 'month',
        currency: 'usd',
        domain: 'harbour.example',
        requestId: 'wish_1',
      },
    ]);
  });

  it('are of those sold once its own, waiting for the next invoice', async () => {
    const of = await product();
    const { id } = await stripe.prices.create({ currency: 'usd', unit_amount: 9900, product: of });
    const [mine, other] = [await subscribed(await price()), await subscribed(await price())];
    for (const [place, { id: subscriptionId, customer }] of [mine, other].entries())
      await addOns.addOnce(
        { ...wish({ customerId: customer as string, subscriptionId, priceId: id }), addOnKey: 'ssl' },
        `once_${place}`,
      );
    const customer = mine.customer as string;
    const again = await stripe.subscriptions.create({ customer, items: [{ price: (await price()).id }] });
    const made = { customer, pricing: { price: id }, metadata: { addon_key: 'ssl' } };
    // By staff: for the other subscription, without saying what it is, and of nobody's wish.
    await stripe.invoiceItems.create({ ...made, subscription: again.id });
    await stripe.invoiceItems.create({ ...made, subscription: mine.id, metadata: {} });
    await stripe.invoiceItems.create({ ...made, subscription: mine.id });
    const owned = await addOns.list({ customerId: customer, subscriptionId: mine.id });
    expect(owned).toMatchObject([
      { addOnKey: 'ssl', sold: 'once', quantity: 1, unitAmount: 9900, domain: null, requestId: null },
      { addOnKey: 'ssl', sold: 'once', quantity: 2, unitAmount: 9900, interval: null, requestId: 'wish_1' },
    ]);
  });
});
