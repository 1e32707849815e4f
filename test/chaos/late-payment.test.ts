/** A first invoice that stays open for days: nothing is made before the money is there, everything once when it is. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkout, draft, eventually, runOf } from '../support/connector.ts';
import { openScene, type Scene } from '../support/scene.ts';

const FIVE_DAYS_MS = 5 * 86_400_000;

describe.each(['pglite', 'postgres'] as const)('a first invoice open for five days (%s)', (kind) => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene({ database: kind });
  });
  afterAll(() => scene?.close());

  async function buyLater() {
    const body = draft();
    const reply = await checkout(scene.connector.publicUrl, body);
    scene.world.systems.stripe.payCheckoutLater(reply.body.session_id);
    const { name, contact_email } = body.organisation as Record<string, string>;
    const [manager] = body.stakeholders as { email: string }[];
    return {
      session: reply.body.session_id,
      company: name!,
      contact: contact_email!,
      manager: manager!.email,
    };
  }

  const told = () =>
    eventually('what Stripe said is worked off', async () => {
      await scene.world.systems.stripe.deliveriesIdle();
      const open = await scene.db.query("select 1 from events where state = 'open'");
      return open.rowCount === 0;
    });

  const companies = (name: string) =>
    scene.world.systems.odoo.records('res.partner').filter((each) => each.name === name);

  async function nothingWasMade(of: { company: string; contact: string; manager: string }): Promise<void> {
    const runs = await scene.db.query(
      `select 1 from runs r join subscriptions s on s.id = r.subscription_id
         join organisations o on o.id = s.organisation_id where o.name = $1`,
      [of.company],
    );
    expect(runs.rowCount).toBe(0);
    // The sale stands in the pipeline from its checkout on, open; the people have nothing.
    const ids = companies(of.company).map(({ id }) => id);
    expect(ids.length).toBeLessThanOrEqual(1);
    const leads = scene.world.systems.odoo
      .records('crm.lead')
      .filter((lead) => ids.includes([lead.partner_id].flat()[0] as number));
    expect(leads.every(({ probability }) => Number(probability) < 100)).toBe(true);
    expect(scene.world.systems.odoo.records('res.users').filter(({ login }) => login === of.manager)).toEqual(
      [],
    );
    expect(await scene.world.systems.mail.to(of.contact)).toEqual([]);
  }

  it('is provisioned once when it is paid, and not at all when it is not', async () => {
    const paid = await buyLater();
    const failed = await buyLater();
    const forgotten = await buyLater();
    await told();
    for (const each of [paid, failed, forgotten]) await nothingWasMade(each);
    const buckets = scene.world.systems.b2.buckets().length;

    await scene.world.clock.advance(FIVE_DAYS_MS);
    await told();
    for (const each of [paid, failed, forgotten]) await nothingWasMade(each);

    scene.world.systems.stripe.settleCheckout(paid.session, 'succeeded');
    scene.world.systems.stripe.settleCheckout(failed.session, 'failed');
    const run = await runOf(scene.connector, scene.db, paid.session);
    expect(run.steps.every((step) => step.status === 'done')).toBe(true);
    await told();
    expect(companies(paid.company)).toHaveLength(1);
    expect(scene.world.systems.b2.buckets()).toHaveLength(buckets + 1);
    expect((await scene.world.systems.mail.to(paid.contact)).map(({ messageId }) => messageId)).toHaveLength(
      2,
    );
    for (const each of [failed, forgotten]) await nothingWasMade(each);
    const runs = await scene.db.query("select 1 from runs where kind = 'provision'");
    expect(runs.rowCount).toBe(1);
  });
});
