/** Pausing, resuming and trials against the sandbox's Stripe, its clock moved. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { confirmChange } from '../../../connector/billing/commands/confirm-change.ts';
import { pause, resume } from '../../../connector/billing/commands/pause.ts';
import { previewChange } from '../../../connector/billing/commands/preview-change.ts';
import { setTrialEnd } from '../../../connector/billing/commands/trial.ts';
import { sendTrialNotices } from '../../../connector/billing/trial-notices.ts';
import { createLog } from '../../../connector/log.ts';
import { type Scene, startScene } from './scene.ts';

const DAY = 86_400_000;
let scene: Scene;
beforeAll(async () => {
  scene = await startScene({ trialDays: 14 });
});
afterAll(() => scene.stop());

const now = () => scene.world.clock.now();
const advance = (days: number) => scene.world.clock.advance(Math.round(days * DAY));
const invoices = async (subscription: string) =>
  (await scene.stripe.invoices.list({ subscription, limit: 100 })).data;
/** Past its trial and paid for a month. */
async function buyPaid() {
  const bought = await scene.buy({ plan: 'starter', interval: 'month' });
  await setTrialEnd(scene.deps, { subscriptionId: bought.subscriptionId, end: 'now' });
  return bought;
}

describe('a pause', () => {
  it('bills nothing, credits what is unused, and a new period begins when it is resumed', async () => {
    const { subscriptionId, providerId, customerId } = await buyPaid();
    const before = await invoices(providerId);
    await advance(10);
    expect((await pause(scene.deps, { subscriptionId })).status).toBe('paused');
    expect((await pause(scene.deps, { subscriptionId })).status).toBe('paused');
    await advance(60);
    await scene.syncCustomer(customerId);
    expect(await invoices(providerId)).toHaveLength(before.length);
    expect(await scene.row(subscriptionId)).toMatchObject({ status: 'paused' });
    await expect(previewChange(scene.deps, { subscriptionId, planKey: 'enterprise' })).rejects.toMatchObject({
      code: 'subscription_not_changeable',
    });
    const resumed = await resume(scene.deps, { subscriptionId });
    expect(resumed.status).toBe('active');
    expect(Math.abs(resumed.currentPeriodStart.getTime() - now().getTime())).toBeLessThan(5000);
    const [newest] = await invoices(providerId);
    // Twenty or twenty-one of thirty or thirty-one days were unused.
    expect(newest!.amount_paid).toBeGreaterThan(6_000);
    expect(newest!.amount_paid).toBeLessThan(10_000);
    expect(await scene.transitions(subscriptionId)).toEqual(expect.arrayContaining(['paused', 'resumed']));
    await expect(resume(scene.deps, { subscriptionId })).rejects.toMatchObject({
      code: 'subscription_not_paused',
    });
  });

  it('goes on while the payment for resuming fails, and ends with it', async () => {
    const { subscriptionId, providerId } = await buyPaid();
    await advance(10);
    await pause(scene.deps, { subscriptionId });
    await advance(40);
    scene.world.systems.stripe.replaceCard(providerId, '4000000000000341');
    expect((await resume(scene.deps, { subscriptionId })).status).toBe('paused');
    const [open] = await invoices(providerId);
    expect(open!.status).toBe('open');
    scene.world.systems.stripe.payInvoice(open!.id);
    expect((await scene.deps.gateway.read(providerId)).status).toBe('active');
  });

  it('can be had once a scheduled change has come: its schedule has nothing more to bring', async () => {
    const { subscriptionId, providerId } = await scene.buy({ plan: 'professional', interval: 'month' });
    await setTrialEnd(scene.deps, { subscriptionId, end: 'now' });
    const preview = await previewChange(scene.deps, { subscriptionId, planKey: 'starter' });
    expect(await confirmChange(scene.deps, { subscriptionId, token: preview.token })).toMatchObject({
      outcome: 'scheduled',
    });
    await expect(pause(scene.deps, { subscriptionId })).rejects.toMatchObject({
      code: 'subscription_not_changeable',
      advice: expect.stringContaining('revoke it first'),
    });
    await advance(32);
    const live = await scene.deps.gateway.read(providerId);
    expect(live).toMatchObject({ scheduled: null, scheduleId: expect.any(String) });
    expect((await pause(scene.deps, { subscriptionId })).status).toBe('paused');
  });

  it('made in the Dashboard by pausing collection is taken up again too', async () => {
    const { subscriptionId, providerId, customerId } = await buyPaid();
    await scene.stripe.subscriptions.update(providerId, { pause_collection: { behavior: 'void' } });
    await scene.syncCustomer(customerId);
    expect(await scene.row(subscriptionId)).toMatchObject({ status: 'active', collection_paused: true });
    await resume(scene.deps, { subscriptionId });
    expect(await scene.row(subscriptionId)).toMatchObject({ collection_paused: false });
  });
});

describe('a trial', () => {
  it('changes plan at once and for nothing, is prolonged, told of before its end, and ends', async () => {
    const { subscriptionId, providerId, customerId } = await scene.buy({
      plan: 'professional',
      interval: 'month',
    });
    const mails: { fact: string; data: Record<string, unknown> }[] = [];
    const synced: string[] = [];
    const notices = () =>
      sendTrialNotices({
        db: scene.db,
        catalogue: scene.catalogue,
        publicUrl: 'https://connect.example.com',
        sendMail: async (mail) => {
          mails.push(mail);
          await scene.db.query(
            `insert into mails (message_id, fact, template, locale, recipient, status)
             values ($1, $1, $2, $3, $4, 'sent')`,
            [mail.fact, mail.template, mail.locale, mail.to.email],
          );
        },
        syncNow: async (id) => {
          synced.push(id);
          await scene.syncCustomer(id);
        },
        now,
        log: createLog({ level: 'silent' }),
      });
    const preview = await previewChange(scene.deps, { subscriptionId, planKey: 'starter', interval: 'year' });
    expect(preview).toMatchObject({ when: 'now', invoice: { amountDue: 0 } });
    expect((await confirmChange(scene.deps, { subscriptionId, token: preview.token })).outcome).toBe(
      'changed',
    );
    expect((await scene.row(subscriptionId)).status).toBe('trialing');

    const end = new Date(now().getTime() + 20 * DAY);
    const prolonged = await setTrialEnd(scene.deps, { subscriptionId, end });
    expect(Math.floor(prolonged.trialEnd!.getTime() / 1000)).toBe(Math.floor(end.getTime() / 1000));
    await notices();
    expect(mails.filter(({ data }) => data.plan === 'Starter')).toEqual([]);
    // The provider's notice was lost: the round finds it by itself.
    await advance(17.5);
    await notices();
    await notices();
    expect(synced).toContain(customerId);
    const ours = mails.filter(({ data }) => data.yearly === true);
    expect(ours).toHaveLength(1);
    expect(ours[0]!.data).toMatchObject({ plan: 'Starter', amount: 250_000, currency: 'usd' });

    const ended = await setTrialEnd(scene.deps, { subscriptionId, end: 'now' });
    expect(ended.status).toBe('active');
    expect((await invoices(providerId))[0]).toMatchObject({ status: 'paid', amount_paid: 250_000 });
    expect(await scene.transitions(subscriptionId)).toContain('won');
    await expect(setTrialEnd(scene.deps, { subscriptionId, end: 'now' })).rejects.toMatchObject({
      code: 'not_on_trial',
    });
  });

  it('does not end in the past nor in three years', async () => {
    const { subscriptionId } = await scene.buy({ plan: 'starter', interval: 'month' });
    for (const days of [-1, 1100]) {
      const end = new Date(now().getTime() + days * DAY);
      await expect(setTrialEnd(scene.deps, { subscriptionId, end })).rejects.toMatchObject({
        code: 'not_on_trial',
      });
    }
  });
});
