/** The ERP is down from before the checkout until long after the payment: selling goes on, and all of it drains. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/connector.ts';
import {
  buy,
  ended,
  expectLivesOnce,
  mirrored,
  openStage,
  type Purchase,
  type Stage,
  startAgain,
} from './stage.ts';

describe('an ERP that is down while customers pay', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    await ended(stage, await buy(stage));
  });
  afterAll(() => stage?.stop());

  const text = async (path: string) => {
    const answer = await fetch(`${stage.connector.publicUrl}${path}`);
    return { status: answer.status, body: await answer.text() };
  };

  it('checkout, webhooks and order pages answer; everything else is made; all drains when it is back', async () => {
    const { world, connector } = stage;
    world.faults.add({ system: 'odoo', kind: 'refused', times: Number.POSITIVE_INFINITY });
    const purchases: Purchase[] = [];
    for (let n = 0; n < 4; n += 1) purchases.push(await buy(stage));
    await world.systems.stripe.deliveriesIdle();
    const answers = world.systems.stripe.deliveries().map((each) => each.status);
    expect(answers.filter((status) => status !== 'delivered')).toEqual([]);

    for (const purchase of purchases) {
      const waiting = await ended(stage, purchase, ['waiting']);
      expect(waiting.cause).toBeNull();
      await eventually('what needs no ERP is made', async () => {
        const run = await ended(stage, purchase, ['waiting', 'running']);
        const done = run.steps.filter((step) => step.status === 'done').map((step) => step.name);
        return ['received_mail', 'bucket', 'storage_key', 'bep', 'eir', 'documents_in_storage'].every(
          (name) => done.includes(name as never),
        );
      });
      // An outage uses up no attempt, however long it lasts.
      const run = await ended(stage, purchase, ['waiting', 'running']);
      expect(run.steps.find((step) => step.name === 'partner')).toMatchObject({ attempts: 0 });
      expect((await fetch(purchase.reply.body.order_url)).status).toBe(200);
    }
    expect((await text('/healthz')).status).toBe(200);
    const ready = await text('/readyz');
    expect(ready.status).toBe(200);
    expect(JSON.parse(ready.body)).toMatchObject({ systems: { odoo: 'away', stripe: 'reachable' } });
    expect((await text('/metrics')).body).toMatch(/system_away\{system="odoo"\} 1/);
    const status = await connector.admin.request<{ runs: Record<string, number> }>('GET', '/status');
    expect((status.runs.waiting ?? 0) + (status.runs.running ?? 0)).toBe(4);

    world.faults.clear();
    for (const purchase of purchases) await expectLivesOnce(stage, purchase, await ended(stage, purchase));
    expect(JSON.parse((await text('/readyz')).body)).toMatchObject({ systems: { odoo: 'reachable' } });
    await mirrored(stage);
  }, 60_000);
});

describe('every outside system away at our start', () => {
  it('the service starts, and serves once they are back', async () => {
    const first = await openStage();
    await first.connector.stop();
    const { world } = first;
    for (const system of ['stripe', 'odoo', 'b2', 'bep', 'smtp'])
      world.faults.add({ system, kind: 'refused', times: Number.POSITIVE_INFINITY });
    const stage = await startAgain(first);
    try {
      expect((await fetch(`${stage.connector.publicUrl}/readyz`)).status).toBe(200);
      expect((await fetch(`${stage.connector.publicUrl}/services/comply`)).status).toBe(200);
      expect(stage.connector.log()).toContain('asked again before its first use');
      world.faults.clear();
      // Stripe's breaker lets the first probe through half a second after it was last asked.
      await new Promise((resolve) => setTimeout(resolve, 600));
      const purchase = await buy(stage);
      await expectLivesOnce(stage, purchase, await ended(stage, purchase));
    } finally {
      await stage.stop();
    }
  });
});
