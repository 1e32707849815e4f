/** The sandbox's Stripe as a person with the Dashboard uses it: products, prices and subscriptions made by hand. */
import type Stripe from 'stripe';
import { createStripe } from '../../connector/stripe/client.ts';
import { startTestWorld } from '../support/sandbox.ts';

export type Shop = Awaited<ReturnType<typeof openShop>>;

export async function openShop() {
  const world = await startTestWorld();
  const stripe = createStripe({ secretKey: world.env.STRIPE_SECRET_KEY!, apiUrl: world.urls.stripe });

  const product = async (metadata: Record<string, string> = {}): Promise<string> =>
    (await stripe.products.create({ name: 'A product', metadata })).id;

  /** 10 USD a month unless it says otherwise. */
  async function price(input: Partial<Stripe.PriceCreateParams> = {}): Promise<Stripe.Price> {
    return stripe.prices.create({
      currency: 'usd',
      ...(input.unit_amount_decimal === undefined && input.tiers === undefined && { unit_amount: 1000 }),
      recurring: { interval: 'month' },
      ...input,
      product: input.product ?? (await product()),
    });
  }

  async function meteredPrice(event: string): Promise<Stripe.Price> {
    const meter = await stripe.billing.meters.create({
      display_name: event,
      event_name: event,
      default_aggregation: { formula: 'sum' },
    });
    return price({ recurring: { interval: 'month', usage_type: 'metered', meter: meter.id } });
  }

  /** With a card that pays. */
  const customer = (input: Stripe.CustomerCreateParams = {}): Promise<Stripe.Customer> =>
    stripe.customers.create({
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
      ...input,
    });

  return {
    world,
    stripe,
    product,
    price,
    meteredPrice,
    customer,
    /** Of a new customer, paid. */
    async subscribed(...prices: readonly Stripe.Price[]) {
      const { id } = await customer();
      return stripe.subscriptions.create({
        customer: id,
        items: prices.map((each) => ({ price: each.id })),
      });
    },
  };
}
