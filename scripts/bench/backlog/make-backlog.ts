/** Customers with a running subscription each, and everything that happened to them while nobody listened. */
import { eventTable } from '../../../connector/inbox/event-table.ts';
import { createStripe } from '../../../connector/stripe/client.ts';
import type { World } from '../../sandbox/world.ts';

const types = new Set(eventTable.types());

/** @returns how many events of ours Stripe holds for them */
export async function makeBacklog(input: {
  world: World;
  secretKey: string;
  customers: number;
  eventsEach: number;
}): Promise<{ events: number }> {
  const { world } = input;
  const { stripe } = world.systems;
  const client = createStripe({ secretKey: input.secretKey, apiUrl: world.urls.stripe });
  const price = stripe.prices().find((each) => each.lookup_key === 'starter_month')!.id;
  const mine = (customer: string) => (event: { data: { object: unknown } }) => {
    const object = event.data.object as { id: string; customer?: unknown };
    return object.id === customer || object.customer === customer;
  };
  stripe.holdDeliveries();
  let perCustomer = 0;
  for (let n = 0; n < input.customers; n += 1) {
    const made = stripe.createDashboardSubscription({
      name: `Waiting Works ${n}`,
      email: `office@waiting${n}.example`,
      prices: [price],
    });
    const customer = String(made.customer);
    // Every customer is alike: the first one shows how many more changes make ten events.
    if (n === 0) perCustomer = listened(stripe.events().filter(mine(customer)));
    for (let more = perCustomer; more < input.eventsEach; more += 1) {
      await client.customers.update(customer, { metadata: { note: String(more) } });
    }
  }
  await stripe.releaseDeliveries({ drop: stripe.heldDeliveries().map((event) => event.id) });
  return { events: input.customers * input.eventsEach };
}

// Of those a purchase in the Dashboard makes, the types in inbox/event-table.ts that name a customer.
const listened = (events: readonly { type: string }[]): number =>
  events.filter(({ type }) => types.has(type)).length;
