/** Test clocks: customers that live by a time of their own. https://docs.stripe.com/billing/testing/test-clocks/api-advanced-usage */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { deleteCustomer } from './customers.ts';
import { invalid, missing } from './errors.ts';
import { newId } from './ids.ts';
import { newestFirst, type Paging, page } from './list.ts';
import { isDeleted } from './lookup.ts';
import { integer, PAGING, required, text } from './params.ts';
import { DAY, type Interval, periodEnd } from './periods.ts';
import type { Plain, TestClock } from './plain.ts';
import { route } from './route.ts';
import { change } from './update.ts';

type Create = Plain<Stripe.TestHelpers.TestClockCreateParams>;
type Advance = Plain<Stripe.TestHelpers.TestClockAdvanceParams>;

const PATH = '/v1/test_helpers/test_clocks';

export const testClockRoutes = [
  route<Create>('POST', PATH, { frozen_time: required(integer), name: text }, ({ core, params }) => {
    const clock: TestClock = {
      id: newId('clock'),
      object: 'test_helpers.test_clock',
      created: core.now(),
      deletes_after: core.now() + 7 * DAY,
      frozen_time: params.frozen_time,
      livemode: false,
      name: params.name ?? null,
      status: 'ready',
      status_details: {},
    };
    core.tables.testClocks.put(clock.id, clock);
    core.emit('test_helpers.test_clock.created', clock);
    return clock;
  }),
  route<Paging>('GET', PATH, PAGING, ({ core, params, path }) =>
    page(newestFirst(core.tables.testClocks.all()), params, path),
  ),
  route('GET', `${PATH}/:id`, {}, ({ core, id }) => clockOf(core, id)),
  // "Starts advancing … Advancement is done when status changes to Ready."
  route<Advance>(
    'POST',
    `${PATH}/:id/advance`,
    { frozen_time: required(integer) },
    ({ core, id, params }) => {
      const clock = clockOf(core, id);
      const target = params.frozen_time;
      if (clock.status !== 'ready') throw invalid('The test clock is advancing already.');
      if (target <= clock.frozen_time || target > furthest(core, clock))
        throw invalid(
          'frozen_time must be after the present one, and at most two intervals of the shortest subscription ahead.',
          { param: 'frozen_time' },
        );
      const advancing = change(core.tables.testClocks, clock, {
        status: 'advancing',
        status_details: { advancing: { target_frozen_time: target } },
      });
      core.emit('test_helpers.test_clock.advancing', advancing);
      return advancing;
    },
  ),
  route('DELETE', `${PATH}/:id`, {}, ({ core, id }) => {
    const clock = clockOf(core, id);
    for (const customer of core.tables.customers.all()) {
      if (customer.test_clock === id && !isDeleted(customer)) deleteCustomer(core, customer);
    }
    core.tables.testClocks.delete(id);
    core.emit('test_helpers.test_clock.deleted', clock);
    return { id, object: 'test_helpers.test_clock', deleted: true };
  }),
];

function clockOf(core: Core, id: string): TestClock {
  const clock = core.tables.testClocks.get(id);
  if (!clock) throw missing('testhelpers_testclock', id);
  return clock;
}

// "Cannot be more than two intervals in the future from the shortest subscription in this test clock. If there are no
// subscriptions in this test clock, it cannot be more than two years in the future." (Advance a test clock)
function furthest(core: Core, clock: TestClock): number {
  const ahead = (interval: Interval, count: number) =>
    periodEnd({ start: clock.frozen_time, interval, count: 2 * count, anchor: clock.frozen_time });
  const ends = core.tables.subscriptions
    .all()
    .filter((one) => one.test_clock === clock.id && !one.ended_at)
    .flatMap((one) => one.items.data)
    .map(({ price }) => ahead(price.recurring!.interval as Interval, price.recurring!.interval_count));
  return ends.length === 0 ? ahead('year', 1) : Math.min(...ends);
}

/** The moment a request that names these lives in; undefined: the sandbox's own. */
export function momentOf(core: Core, names: readonly string[]): number | undefined {
  if (core.tables.testClocks.count() === 0) return undefined;
  for (const name of names) {
    const clock = core.tables.testClocks.get(clockIdOf(core, name) ?? '');
    if (clock) return clock.frozen_time;
  }
  return undefined;
}

function clockIdOf({ tables }: Core, name: string): string | null | undefined {
  if (name.startsWith('clock_')) return name;
  const bound = tables.subscriptions.get(name) ?? tables.schedules.get(name) ?? tables.invoices.get(name);
  const paid = tables.charges.get(name) ?? tables.paymentIntents.get(name);
  const customer = tables.customers.get(paid?.customer ?? name);
  return bound?.test_clock ?? customer?.test_clock;
}
