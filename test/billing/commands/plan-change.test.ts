/** Plans change as previewed, to the cent, or not at all: against the sandbox's Stripe with its clock moved. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancel } from '../../../connector/billing/commands/cancel.ts';
import { confirmChange } from '../../../connector/billing/commands/confirm-change.ts';
import { previewChange } from '../../../connector/billing/commands/preview-change.ts';
import { revokeChange } from '../../../connector/billing/commands/revoke-scheduled.ts';
import { type Scene, startScene } from './scene.ts';

const DAY = 86_400_000;
let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene.stop());

const advance = (days: number) => scene.world.clock.advance(Math.round(days * DAY));
const invoices = async (subscription: string) =>
  (await scene.stripe.invoices.list({ subscription, limit: 100 })).data;
const starter = { plan: 'starter', interval: 'month' };

describe('an upgrade', () => {
  it('is charged at once, for exactly what the preview said', async () => {
    const { subscriptionId, providerId } = await scene.buy(starter);
    await advance(10);
    const preview = await previewChange(scene.deps, { subscriptionId, planKey: 'professional' });
    expect(preview).toMatchObject({
      parts: ['upgrade'],
      when: 'now',
      from: { planKey: 'starter' },
      to: { planKey: 'professional', interval: 'month', quantity: 1 },
      recurringAmount: 50_000,
      overLimits: [],
    });
    expect(preview.invoice.lines.map(({ proration }) => proration)).toEqual([true, true]);
    expect(preview.invoice.lines.reduce((sum, { amount }) => sum + amount, 0)).toBe(preview.invoice.total);
    // Minutes later: the preview's moment counts, not this one.
    await advance(0.01);
    const input = { subscriptionId, token: preview.token };
    const confirmed = await confirmChange(scene.deps, input);
    expect(confirmed).toMatchObject({ outcome: 'changed', payUrl: null });
    const [newest] = await invoices(providerId);
    expect(newest).toMatchObject({ status: 'paid', amount_paid: preview.invoice.amountDue });
    expect(preview.invoice.amountDue).toBeGreaterThan(0);
    expect(await scene.row(subscriptionId)).toMatchObject({
      plan_key: 'professional',
      recurring_amount: 50_000,
    });
    // Confirmed again, nothing more is charged.
    expect((await confirmChange(scene.deps, input)).outcome).toBe('changed');
    expect(await invoices(providerId)).toHaveLength(2);
  });

  it('waits for its payment when the card is refused, and comes with it', async () => {
    const { subscriptionId, providerId } = await scene.buy(starter);
    await advance(3);
    scene.world.systems.stripe.replaceCard(providerId, '4000000000000341');
    const { token } = await previewChange(scene.deps, { subscriptionId, planKey: 'professional' });
    const confirmed = await confirmChange(scene.deps, { subscriptionId, token });
    expect(confirmed.outcome).toBe('payment_pending');
    expect(confirmed.payUrl).toMatch(/^http/);
    expect(await scene.row(subscriptionId)).toMatchObject({ plan_key: 'starter' });
    await expect(previewChange(scene.deps, { subscriptionId, planKey: 'enterprise' })).rejects.toMatchObject({
      code: 'subscription_not_changeable',
    });
    const [open] = await invoices(providerId);
    scene.world.systems.stripe.payInvoice(open!.id);
    await scene.syncCustomer(String(open!.customer));
    expect(await scene.row(subscriptionId)).toMatchObject({
      plan_key: 'professional',
      granted_plan_key: 'professional',
    });
    const changes = (await scene.transitions(subscriptionId)).filter((kind) => kind === 'plan_changed');
    expect(changes).toHaveLength(1);
  });

  it('from monthly to yearly begins a year that day', async () => {
    const { subscriptionId, providerId } = await scene.buy(starter);
    await advance(12);
    const preview = await previewChange(scene.deps, { subscriptionId, interval: 'year' });
    expect(preview).toMatchObject({ parts: ['longer'], recurringAmount: 250_000 });
    const { subscription } = await confirmChange(scene.deps, { subscriptionId, token: preview.token });
    const days = (subscription.currentPeriodEnd.getTime() - scene.world.clock.now().getTime()) / DAY;
    expect(Math.round(days)).toBe(365);
    expect((await invoices(providerId))[0]!.amount_paid).toBe(preview.invoice.amountDue);
  });
});

describe('a downgrade', () => {
  it('comes at the end of the period, is seen before, and is billed then', async () => {
    const { subscriptionId, providerId, customerId } = await scene.buy({
      plan: 'professional',
      interval: 'month',
    });
    await advance(5);
    const preview = await previewChange(scene.deps, { subscriptionId, planKey: 'starter' });
    expect(preview).toMatchObject({ when: 'period_end', invoice: { amountDue: 0, lines: [] } });
    const confirmed = await confirmChange(scene.deps, { subscriptionId, token: preview.token });
    expect(confirmed).toMatchObject({
      outcome: 'scheduled',
      subscription: { scheduled: { planKey: 'starter', interval: 'month', at: preview.effectiveAt } },
    });
    expect((await confirmChange(scene.deps, { subscriptionId, token: preview.token })).outcome).toBe(
      'scheduled',
    );
    expect(await invoices(providerId)).toHaveLength(1);
    expect(await scene.row(subscriptionId)).toMatchObject({
      plan_key: 'professional',
      scheduled: { planKey: 'starter', interval: 'month', at: preview.effectiveAt.toISOString() },
    });
    await advance(27);
    await scene.syncCustomer(customerId);
    expect(await scene.row(subscriptionId)).toMatchObject({ plan_key: 'starter', recurring_amount: 25_000 });
    expect((await invoices(providerId))[0]).toMatchObject({ status: 'paid', amount_paid: 25_000 });
    expect(await scene.transitions(subscriptionId)).toEqual(
      expect.arrayContaining(['change_scheduled', 'plan_changed', 'renewed']),
    );
    expect(await scene.transitions(subscriptionId)).not.toContain('change_revoked');
    // A month on, the schedule has let go.
    await advance(31);
    expect(await scene.deps.gateway.read(providerId)).toMatchObject({ scheduleId: null });
  });

  it('is revoked, and an upgrade or a cancellation takes its place', async () => {
    const { subscriptionId, providerId } = await scene.buy({ plan: 'professional', interval: 'month' });
    const down = async () => {
      const { token } = await previewChange(scene.deps, { subscriptionId, planKey: 'starter' });
      await confirmChange(scene.deps, { subscriptionId, token });
    };
    await down();
    expect(await revokeChange(scene.deps, { subscriptionId })).toMatchObject({ scheduleId: null });
    await expect(revokeChange(scene.deps, { subscriptionId })).rejects.toMatchObject({
      code: 'nothing_scheduled',
    });
    await down();
    const up = await previewChange(scene.deps, { subscriptionId, planKey: 'enterprise' });
    await confirmChange(scene.deps, { subscriptionId, token: up.token });
    expect(await scene.deps.gateway.read(providerId)).toMatchObject({ scheduleId: null });
    await down();
    const cancelled = await cancel(scene.deps, { subscriptionId, when: 'period_end' });
    expect(cancelled).toMatchObject({ cancelAtPeriodEnd: true, scheduleId: null });
  });
});

describe('a preview is worthless', () => {
  const outOfDate = { kind: 'conflict', code: 'preview_out_of_date' };

  it('when the subscription or the amount changed, it expired, or is of another one', async () => {
    const { subscriptionId, providerId, customerId } = await scene.buy(starter);
    await advance(2);
    const preview = () => previewChange(scene.deps, { subscriptionId, planKey: 'professional' });
    const confirm = (token: string, id = subscriptionId) =>
      confirmChange(scene.deps, { subscriptionId: id, token });

    const credited = await preview();
    await scene.stripe.customers.update(customerId, { balance: -500 });
    await expect(confirm(credited.token)).rejects.toMatchObject(outOfDate);

    const cancelled = await preview();
    await scene.stripe.subscriptions.update(providerId, { cancel_at_period_end: true });
    await expect(confirm(cancelled.token)).rejects.toMatchObject(outOfDate);
    await scene.stripe.subscriptions.update(providerId, { cancel_at_period_end: false });

    const old = await preview();
    await advance(31 / 1440);
    await expect(confirm(old.token)).rejects.toMatchObject(outOfDate);

    const fresh = await preview();
    const other = await scene.buy(starter);
    await expect(confirm(fresh.token, other.subscriptionId)).rejects.toMatchObject(outOfDate);
    const flipped = fresh.token.slice(0, -2) + (fresh.token.endsWith('AA') ? 'BB' : 'AA');
    await expect(confirm(flipped)).rejects.toMatchObject(outOfDate);
    expect(await invoices(providerId)).toHaveLength(1);
    expect((await confirm(fresh.token)).outcome).toBe('changed');
  });

  it('names what is not sold, not changed and not ours', async () => {
    const { subscriptionId } = await scene.buy(starter);
    const refused = (change: object) =>
      expect(previewChange(scene.deps, { subscriptionId, ...change })).rejects;
    await refused({ planKey: 'gold' }).toMatchObject({ code: 'tier_not_found' });
    await refused({ planKey: 'starter' }).toMatchObject({ code: 'nothing_to_change' });
  });
});

it('the charge equals the preview to the cent, whenever and whatever is changed', async () => {
  const others: Readonly<Record<string, readonly string[]>> = {
    starter: ['professional', 'enterprise'],
    professional: ['enterprise'],
  };
  const { changes } = scene.catalogue;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('starter', 'professional'),
      fc.constantFrom('month' as const, 'year' as const),
      fc.constantFrom('month' as const, 'year' as const),
      fc.nat(1),
      fc.integer({ min: 60, max: 27 * 86_400 }),
      fc.integer({ min: 0, max: 1700 }),
      fc.boolean(),
      async (from, interval, nextInterval, which, seconds, later, setup) => {
        const { subscriptionId, providerId } = await scene.buy({ plan: from, interval });
        await scene.world.clock.advance(seconds * 1000);
        const catalogue = {
          ...scene.catalogue,
          changes: {
            ...changes,
            shorter: 'now' as const,
            setup: setup ? ('difference' as const) : ('none' as const),
          },
        };
        const deps = { ...scene.deps, catalogue };
        const planKey = others[from]![which % others[from]!.length]!;
        const preview = await previewChange(deps, { subscriptionId, planKey, interval: nextInterval });
        await scene.world.clock.advance(later * 1000);
        await confirmChange(deps, { subscriptionId, token: preview.token });
        const [newest] = await invoices(providerId);
        expect(newest!.billing_reason).toBe('subscription_update');
        expect([newest!.total, newest!.amount_due]).toEqual([
          preview.invoice.total,
          preview.invoice.amountDue,
        ]);
        expect(newest!.status).toBe('paid');
        if (setup)
          expect(newest!.lines.data.some(({ amount }) => amount % 150_000 === 0 && amount > 0)).toBe(true);
      },
    ),
    { numRuns: 15, seed: 20_261_121 },
  );
});
