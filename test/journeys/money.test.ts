/** Money that goes back or is contested: found, recorded, told in the ERP, and cleared when the bank has decided. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/connector.ts';
import { openScene, type Scene } from '../support/scene.ts';

describe.each(['pglite', 'postgres'] as const)('money that moves back (%s)', (kind) => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene({ database: kind });
  });
  afterAll(() => scene?.close());

  async function buy() {
    const { customer, invoice, run } = await scene.buy();
    const charge = scene.world.systems.stripe.charges().find((each) => each.customer === customer)!;
    return {
      id: run.subscriptionId,
      customer,
      invoice,
      charge: charge.id,
    };
  }

  const transitions = async (id: number, kinds: readonly string[]) =>
    (
      await scene.db.query<{ kind: string; fact: string; data: Record<string, unknown> }>(
        'select kind, fact, data from transitions where subscription_id = $1 and kind = any($2) order by id',
        [id, kinds],
      )
    ).rows;

  async function rowOf(table: 'refunds' | 'disputes', id: string, status: string) {
    return eventually(`${table} has ${id} as ${status}`, async () => {
      const { rows } = await scene.db.query<Record<string, unknown>>(
        `select * from ${table} where provider_id = $1 and status = $2`,
        [id, status],
      );
      return rows[0];
    });
  }

  it('refunds in parts, twice, each once; one that the bank sends back is told too', async () => {
    const bought = await buy();
    const first = await scene.stripe.refunds.create({ charge: bought.charge, amount: 1_000 });
    const second = await scene.stripe.refunds.create({ charge: bought.charge, amount: 2_500 });
    expect(await rowOf('refunds', first.id, 'succeeded')).toMatchObject({
      invoice_id: bought.invoice,
      customer_id: bought.customer,
      subscription_id: bought.id,
      amount: 1_000,
    });
    await rowOf('refunds', second.id, 'succeeded');
    for (const event of scene.world.systems.stripe.events().filter(({ type }) => /refund/.test(type)))
      scene.world.systems.stripe.redeliver(event.id);
    scene.world.systems.stripe.failRefund(second.id);
    expect(await rowOf('refunds', second.id, 'failed')).toMatchObject({
      failure_reason: 'lost_or_stolen_card',
    });
    const told = await transitions(bought.id, ['refunded', 'refund_failed']);
    expect(told.map(({ kind: what, fact }) => [what, fact])).toEqual([
      ['refunded', first.id],
      ['refunded', second.id],
      ['refund_failed', second.id],
    ]);
    expect(told[0]!.data).toMatchObject({ amount: 1_000, currency: 'usd', invoice: bought.invoice });
    const { rows } = await scene.db.query('select charge from payments where invoice_id = $1', [
      bought.invoice,
    ]);
    expect(rows).toEqual([{ charge: bought.charge }]);
    // One task for the part that went back; of the other, once it failed, only what is to be done now.
    await eventually('staff have their tasks', async () => {
      const tasks = scene.world.systems.odoo
        .records('mail.activity')
        .filter(({ note }) => String(note).includes(first.id) || String(note).includes(second.id))
        .map(({ summary, note }) => [String(summary), /of (\$[\d.]+)/.exec(String(note))?.[1]]);
      return (
        JSON.stringify(tasks.sort()) ===
        JSON.stringify([
          ['Refund failed: pay the customer another way', '$25.00'],
          ['Refund made: enter it in the books', '$10.00'],
        ])
      );
    });
  });

  it('a dispute finds its customer and invoice; staff get its deadline, and nothing when it is decided', async () => {
    const bought = await buy();
    const dispute = scene.world.systems.stripe.openDispute(bought.charge);
    const due = new Date(dispute.evidence_details.due_by! * 1000);
    expect(await rowOf('disputes', dispute.id, 'needs_response')).toMatchObject({
      invoice_id: bought.invoice,
      customer_id: bought.customer,
      subscription_id: bought.id,
      evidence_due_by: due,
    });
    const activity = () =>
      scene.world.systems.odoo
        .records('mail.activity')
        .find(
          (each) =>
            String(each.summary).startsWith('Payment disputed') && String(each.note).includes(dispute.id),
        );
    const opened = await eventually('staff are asked for evidence', async () => activity());
    expect(opened).toMatchObject({ date_deadline: due.toISOString().slice(0, 10), res_model: 'crm.lead' });
    const { rows } = await scene.db.query<{ access: string }>(
      'select access from subscriptions where id = $1',
      [bought.id],
    );
    expect(rows).toEqual([{ access: 'provisioned' }]);

    await scene.stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'winning_evidence' } });
    expect(await rowOf('disputes', dispute.id, 'won')).toMatchObject({ funds_withdrawn: 0 });
    await eventually('the activity is gone', async () => activity() === undefined);
    const told = await transitions(bought.id, ['disputed', 'dispute_closed']);
    expect(told.map(({ kind: what, fact }) => [what, fact])).toEqual([
      ['disputed', dispute.id],
      ['dispute_closed', `${dispute.id}_won`],
    ]);
  });

  it('a dispute of somebody we do not know is looked up, kept, and starts nothing', async () => {
    const foreign = await scene.stripe.customers.create({ name: 'Foreign', email: 'foreign@example.com' });
    const product = await scene.stripe.products.create({ name: 'Mug' });
    const price = await scene.stripe.prices.create({
      product: product.id,
      currency: 'usd',
      unit_amount: 900,
      recurring: { interval: 'month' },
    });
    scene.world.systems.stripe.createDashboardSubscription({
      customer: foreign.id,
      prices: [price.id],
      card: '4000000000000259',
    });
    const dispute = await eventually('it is disputed', async () =>
      scene.world.systems.stripe.disputes().at(-1),
    );
    expect(await rowOf('disputes', dispute.id, 'needs_response')).toMatchObject({ customer_id: foreign.id });
    const { rowCount } = await scene.db.query('select 1 from dunning_steps where about = $1', [dispute.id]);
    expect(rowCount).toBe(0);
  });

  it('credit notes, voided and written-off invoices follow', async () => {
    const bought = await buy();
    const note = await scene.stripe.creditNotes.create({
      invoice: bought.invoice,
      amount: 500,
      refund_amount: 500,
    });
    const credited = await eventually('the credit note is here', async () => {
      const { rows } = await scene.db.query<{ amount: number; amount_credited: number }>(
        `select n.amount, i.amount_credited from credit_notes n join invoices i on i.provider_id = n.invoice_id
          where n.provider_id = $1 and i.amount_credited > 0`,
        [note.id],
      );
      return rows[0];
    });
    expect(credited).toEqual({ amount: 500, amount_credited: 500 });

    const sent = scene.world.systems.stripe.createDashboardSubscription({
      customer: bought.customer,
      prices: [
        scene.world.systems.stripe
          .prices()
          .find(({ lookup_key: key }) => key?.includes('starter') && key.includes('month'))!.id,
      ],
      collection: 'send_invoice',
    });
    const invoice = sent.latest_invoice!;
    const status = (wanted: string) =>
      eventually(`the invoice is ${wanted}`, async () => {
        const { rowCount } = await scene.db.query(
          'select 1 from invoices where provider_id = $1 and status = $2',
          [invoice, wanted],
        );
        return rowCount === 1;
      });
    await status('open');
    await scene.stripe.invoices.markUncollectible(invoice);
    await status('uncollectible');
    await scene.stripe.invoices.voidInvoice(invoice);
    await status('void');
  });
});
