/** Unpaid money as the customer, the salesperson and the ERP see it, with the clock moved: warned, suspended, paid, all well. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { payInvoice } from '../../connector/billing/commands/pay-invoice.ts';
import { createInvoicePayments } from '../../connector/stripe/invoice-payments.ts';
import { draft, eventually } from '../support/connector.ts';
import { openScene, type Scene } from '../support/scene.ts';

const DAY_MS = 86_400_000;
const MONTH_MS = 31 * DAY_MS;
const DECLINES_LATER = '4000000000000341';
const ALWAYS_ASKS = '4000002760003184';
const DUNNING =
  /^(Payment failed|Please confirm|Last reminder|Access to .* is suspended|Payment received: Harbour Tower$)/;

describe.each(['pglite', 'postgres'] as const)('a payment in trouble (%s)', (kind) => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene({ database: kind, now: 'world' });
    scene.world.systems.stripe.settings.signatureClock = 'sandbox';
  });
  afterAll(() => scene?.close());

  async function buy(change: Parameters<typeof draft>[0] = {}) {
    const body = draft(change);
    const { customer, run } = await scene.buy(body);
    const email = (body.organisation as { contact_email: string }).contact_email;
    return { id: run.subscriptionId, sub: run.subscription, customer, email };
  }
  type Bought = Awaited<ReturnType<typeof buy>>;

  /** Every copy that reached the mail server. */
  const mailsTo = ({ email }: Bought) => scene.world.systems.mail.to(email);

  async function mailsOf(bought: Bought, count: number): Promise<readonly string[]> {
    return eventually(`${count} dunning mails`, async () => {
      const subjects = (await mailsTo(bought))
        .map(({ subject }) => subject)
        .filter((subject) => DUNNING.test(subject));
      return subjects.length >= count && subjects;
    });
  }

  const access = async ({ id }: Bought) =>
    (await scene.db.query<{ access: string }>('select access from subscriptions where id = $1', [id]))
      .rows[0]!.access;

  const activities = () =>
    scene.world.systems.odoo.records('mail.activity').map((each) => String(each.summary));

  const openInvoice = ({ sub }: Bought) =>
    scene.world.systems.stripe
      .invoices()
      .find((each) => each.status === 'open' && each.parent?.subscription_details?.subscription === sub)!;

  async function settled(): Promise<void> {
    await scene.world.systems.stripe.deliveriesIdle();
    await eventually('all is worked off', async () => {
      const { rowCount } = await scene.db.query(
        `select 1 from events where state = 'open'
         union all select 1 from dunning_steps where done_at is null and due_at <= $1`,
        [scene.world.clock.now()],
      );
      return rowCount === 0;
    });
  }

  async function pass(days: number): Promise<void> {
    for (let day = 0; day < days; day += 1) {
      await scene.world.clock.advance(DAY_MS);
      await settled();
    }
  }

  async function failRenewal(bought: Bought, card: string): Promise<void> {
    scene.world.systems.stripe.replaceCard(bought.sub, card);
    await scene.world.clock.advance(MONTH_MS + 2 * 3_600_000);
    await eventually('the first mail', async () =>
      (await mailsTo(bought)).some((mail) => /fail|confirm/.test(mail.subject)),
    );
    await settled();
  }

  it('fails: mails, activity, suspension step by step; paid: everything is cleared', async () => {
    const bought = await buy();
    await failRenewal(bought, DECLINES_LATER);
    const invoice = openInvoice(bought);
    const first = (await mailsTo(bought)).find((mail) => mail.subject.startsWith('Payment failed'))!;
    expect(first.text).toContain(invoice.hosted_invoice_url);
    expect(first.text).toContain('$250');
    const { rows } = await scene.db.query(
      'select attempt_count, next_payment_attempt is not null as next, payment_state from invoices where provider_id = $1',
      [invoice.id],
    );
    expect(rows).toEqual([{ attempt_count: 1, next: true, payment_state: 'failed' }]);

    await pass(4);
    expect(activities()).toContain('Payment failed: call the customer');
    await pass(4);
    expect(await access(bought)).toBe('provisioned');
    const { rows: held } = await scene.db.query('select level from suspensions where subscription_id = $1', [
      bought.id,
    ]);
    expect(held).toEqual([{ level: 'features' }]);
    await pass(5);
    expect(await access(bought)).toBe('suspended');
    expect(await mailsOf(bought, 4)).toEqual([
      expect.stringContaining('Payment failed'),
      expect.stringContaining('Payment failed'),
      expect.stringContaining('Last reminder'),
      expect.stringContaining('suspended'),
    ]);
    expect(activities()).toContain('Access suspended for an unpaid invoice');

    scene.world.systems.stripe.payInvoice(invoice.id);
    await eventually('access is back', async () => (await access(bought)) === 'provisioned');
    await settled();
    expect(activities().filter((summary) => /Payment failed|suspended/.test(summary))).toEqual([]);
    expect((await mailsOf(bought, 5)).at(-1)).toContain('Payment received');
    const { rows: left } = await scene.db.query(
      'select 1 from suspensions where subscription_id = $1 and lifted_at is null',
      [bought.id],
    );
    expect(left).toEqual([]);
    await pass(10);
    expect(await mailsOf(bought, 5)).toHaveLength(5);
  });

  it('asks the bank: one mail with the page to confirm at, whatever Stripe repeats; confirmed there, all is well', async () => {
    const bought = await buy();
    const held = scene.world.systems.stripe;
    await failRenewal(bought, ALWAYS_ASKS);
    const invoice = openInvoice(bought);
    for (const event of held
      .events()
      .filter(({ type }) => type.startsWith('invoice.payment_'))
      .slice(-2)) {
      for (let again = 0; again < 3; again += 1) held.redeliver(event.id);
    }
    await settled();
    const [mail, ...others] = (await mailsTo(bought)).filter(({ subject }) => DUNNING.test(subject));
    expect(others).toEqual([]);
    expect(mail).toMatchObject({ subject: expect.stringContaining('Please confirm') });
    expect(mail!.text).toContain(invoice.hosted_invoice_url);

    const payments = {
      db: scene.db,
      payments: createInvoicePayments(scene.stripe),
      installation: 'test',
      syncNow: async () => {},
    };
    const paying = payInvoice(payments, { invoiceId: invoice.id });
    await expect(paying).rejects.toMatchObject({
      code: 'payment_action_required',
      details: { hostedInvoiceUrl: invoice.hosted_invoice_url },
    });
    await expect(
      payInvoice(payments, { invoiceId: invoice.id, customerId: 'cus_other' }),
    ).rejects.toMatchObject({
      code: 'invoice_not_found',
    });
    held.payInvoice(invoice.id, { card: ALWAYS_ASKS });
    expect((await mailsOf(bought, 2)).at(-1)).toContain('Payment received');
    expect(await payInvoice(payments, { invoiceId: invoice.id })).toEqual({ status: 'paid' });
  });

  it('is tried again by the customer with another card, and another try is another request', async () => {
    const bought = await buy();
    await failRenewal(bought, DECLINES_LATER);
    const invoice = openInvoice(bought);
    const wanted: string[] = [];
    const deps = {
      db: scene.db,
      payments: createInvoicePayments(scene.stripe),
      installation: 'test',
      syncNow: async (customer: string) => void wanted.push(customer),
    };
    await expect(payInvoice(deps, { invoiceId: invoice.id })).rejects.toMatchObject({
      code: 'payment_declined',
    });
    const card = await scene.stripe.paymentMethods.attach('pm_card_visa', { customer: bought.customer });
    await scene.stripe.subscriptions.update(bought.sub, { default_payment_method: card.id });
    expect(await payInvoice(deps, { invoiceId: invoice.id })).toEqual({ status: 'paid' });
    expect(wanted).toEqual([bought.customer, bought.customer]);
    expect((await mailsOf(bought, 2)).at(-1)).toContain('Payment received');
    const { rows } = await scene.db.query(
      'select kind, brand, last4, exp_year from payment_methods where customer_id = $1 and subscription_provider_id = $2',
      [bought.customer, bought.sub],
    );
    expect(rows).toEqual([{ kind: 'card', brand: 'visa', last4: '4242', exp_year: 2034 }]);
  });

  it('away while days went by: one mail says it all, and what was left out is on record', async () => {
    const bought = await buy();
    scene.world.systems.stripe.replaceCard(bought.sub, DECLINES_LATER);
    scene.world.faults.add({ system: 'smtp', kind: 'refused', times: Number.POSITIVE_INFINITY });
    await scene.world.clock.advance(MONTH_MS + 2 * 3_600_000);
    const steps = async () => {
      const { rows } = await scene.db.query<{
        step: string;
        attempts: number;
        outcome: Record<string, unknown>;
      }>('select step, attempts, outcome from dunning_steps where subscription_id = $1 order by due_at', [
        bought.id,
      ]);
      return rows;
    };
    await eventually('the first mail waits', async () => ((await steps())[0]?.attempts ?? 0) > 0);
    await scene.world.clock.advance(5 * DAY_MS);
    scene.world.faults.clear();
    await scene.world.clock.advance(2 * 3_600_000);
    await settled();
    expect(await mailsOf(bought, 1)).toEqual([expect.stringContaining('Payment failed')]);
    expect((await steps()).slice(0, 3)).toMatchObject([
      { step: 'first_mail', outcome: { mail: 'left_out', mailWhy: 'overtaken by second_mail' } },
      { step: 'call', outcome: { activity: 'opened' } },
      { step: 'second_mail', outcome: { mail: 'sent' } },
    ]);
  });

  it.each([3, 17, 29])(
    'events shuffled, doubled and dropped (seed %d): one mail a fact, counted at the mail server',
    async (seed) => {
      const random = randomOf(seed);
      const held = scene.world.systems.stripe;
      const disturb = async () => {
        const waiting = held.heldDeliveries();
        const some = () => waiting.filter(() => random() < 0.4).map(({ id }) => id);
        const order = waiting.map((_, at) => ({ at, by: random() })).sort((a, b) => a.by - b.by);
        // The last event of a burst is never dropped here: what nobody tells us is the backfill's work.
        const drop = some().filter((id) => id !== waiting.at(-1)?.id);
        await held.releaseDeliveries({ order: order.map(({ at }) => at), duplicate: some(), drop });
        for (const event of held.events()) if (random() < 0.3) held.redeliver(event.id);
        await settled();
      };
      const bought = await buy();
      held.replaceCard(bought.sub, DECLINES_LATER);
      held.holdDeliveries();
      await scene.world.clock.advance(MONTH_MS + 2 * 3_600_000);
      await disturb();
      expect(await mailsOf(bought, 1)).toEqual([expect.stringContaining('Payment failed')]);

      const invoice = openInvoice(bought);
      held.holdDeliveries();
      held.payInvoice(invoice.id);
      await disturb();
      expect(await mailsOf(bought, 2)).toEqual([
        expect.stringContaining('Payment failed'),
        expect.stringContaining('Payment received'),
      ]);

      // Failed and paid before anybody looked: nothing of it holds any more.
      held.replaceCard(bought.sub, DECLINES_LATER);
      held.holdDeliveries();
      await scene.world.clock.advance(MONTH_MS);
      held.payInvoice(openInvoice(bought).id);
      await disturb();
      expect(await mailsOf(bought, 2)).toHaveLength(2);
    },
  );
});

/** mulberry32: small, seeded, good enough to shuffle. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
