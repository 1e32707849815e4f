import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setupStripe } from '../../scripts/commands/setup-stripe.ts';
import { type Front, orderBody, startFront } from '../support/front.ts';

let front: Front;
beforeAll(async () => {
  front = await startFront();
});
afterAll(() => front.stop());

type Act =
  | { readonly kind: 'ask'; readonly ui: string; readonly plan: string }
  | { readonly kind: 'pay'; readonly which: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constant('ask' as const),
    ui: fc.constantFrom('embedded', 'redirect'),
    plan: fc.constantFrom('starter', 'enterprise'),
  }),
  fc.record({ kind: fc.constant('pay' as const), which: fc.nat(5) }),
);

describe('an order', () => {
  it('is paid once at most, whatever is asked and whichever session is paid, one after another or together', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { minLength: 2, maxLength: 7 }),
        fc.boolean(),
        async (acts, together) => {
          const request = orderBody();
          const { body } = await front.post(request);
          const orderId = front.world.systems.stripe.sessions().find(({ id }) => id === body.session_id)!
            .metadata!.order_id;
          const sessions = () =>
            front.world.systems.stripe.sessions().filter(({ metadata }) => metadata!.order_id === orderId);
          const perform = async (next: Act) => {
            if (next.kind === 'ask') {
              const { status } = await front.post({
                ...request,
                ui: next.ui,
                plan: next.plan,
                order: body.order,
              });
              expect([201, 409, 503]).toContain(status);
              return;
            }
            const all = sessions();
            try {
              front.pay(all[next.which % all.length]!.id);
            } catch {
              // Expired or paid: Stripe refuses it, as it should.
            }
          };
          if (together) await Promise.all(acts.map(perform));
          else for (const next of acts) await perform(next);
          const states = sessions().map(({ status }) => status);
          expect(states.filter((status) => status === 'complete').length).toBeLessThanOrEqual(1);
          expect(states.filter((status) => status !== 'expired').length).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('a raised price', () => {
  it('leaves old subscribers recognised, at their price, at the next renewal', async () => {
    const { body } = await front.post(orderBody());
    front.pay(body.session_id);
    const customerId = await front.sync(body.session_id);
    await setupStripe({
      stripe: front.stripe,
      catalogue: {
        ...front.catalogue,
        plans: front.catalogue.plans.map((plan) => ({ ...plan, prices: { month: 77_700, year: 777_000 } })),
      },
      webhookUrl: `${front.world.urls.control}/webhooks/stripe`,
      secretFile: undefined,
      dryRun: false,
      print: () => {},
      eventTypes: (await front.stripe.webhookEndpoints.list()).data[0]!.enabled_events,
      apiVersion: '2026-10-28.endive',
    });
    await front.world.clock.advance(33 * 86_400_000);
    await front.sync(body.session_id);
    const { rows } = await front.db.query(
      'select plan_key, recurring_amount, status from subscriptions where customer_id = $1',
      [customerId],
    );
    expect(rows).toEqual([{ plan_key: 'professional', recurring_amount: 50_000, status: 'active' }]);
    const renewals = front.world.systems.stripe
      .invoices()
      .filter(
        ({ customer, billing_reason }) => customer === customerId && billing_reason === 'subscription_cycle',
      );
    expect(renewals.map(({ status, total }) => [status, total])).toEqual([['paid', 50_000]]);
    const { body: newcomer } = await front.post(orderBody());
    const session = front.world.systems.stripe.sessions().find(({ id }) => id === newcomer.session_id)!;
    expect(session.amount_total).toBe(300_000 + 77_700);
  });
});
