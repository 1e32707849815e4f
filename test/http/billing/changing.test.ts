/** What a customer changes through the billing API, and what the provider has then. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, type Customer, startByCustomer } from './by-customer.ts';
import { unseen } from './conforms.ts';
import type { BillingScene } from './scene.ts';

let scene: BillingScene;
let customer: Customer;
let call: Call;
beforeAll(async () => {
  ({ scene, customer, call } = await startByCustomer());
});
afterAll(() => scene?.stop());
const stripeSubscription = (id: string) =>
  scene.world.systems.stripe.subscriptions().find((each) => each.id === id)!;

describe('changing', () => {
  it('cancels and takes it back', async () => {
    expect(await call('POST', '/reactivate', { body: {} })).toMatchObject({
      status: 400,
      body: { code: 'subscription_not_cancelled' },
    });
    expect(
      await call('POST', '/cancel', { body: { feedback: 'unused', comment: 'Too quiet' } }),
    ).toMatchObject({ status: 200, body: { cancel_at_period_end: true, status: 'active' } });
    expect(stripeSubscription(customer.providerId)).toMatchObject({
      cancel_at_period_end: true,
      cancellation_details: { feedback: 'unused', comment: 'Too quiet' },
    });
    expect((await call('GET', '/subscription')).body).toMatchObject({ cancel_at_period_end: true });
    expect(await call('POST', '/reactivate', { body: {} })).toMatchObject({
      status: 200,
      body: { cancel_at_period_end: false },
    });
    expect(await call('POST', '/cancel', { body: { feedback: 'bored', when: 'later' } })).toMatchObject({
      status: 422,
      body: {
        errors: [
          { pointer: '/when', code: 'when' },
          { pointer: '/feedback', code: 'feedback' },
        ],
      },
    });
  });

  it('previews a tier to the cent, charges exactly that, and refuses what is out of date', async () => {
    const by = await scene.customer({ plan: 'starter' });
    expect(await call('POST', '/change-tier/preview', { by, body: { plan_key: 'platinum' } })).toMatchObject({
      status: 404,
      body: { code: 'tier_not_found' },
    });
    expect(await call('POST', '/change-tier/preview', { by, body: { plan_key: 'starter' } })).toMatchObject({
      status: 400,
      body: { code: 'nothing_to_change' },
    });
    const preview = await call('POST', '/change-tier/preview', { by, body: { plan_key: 'enterprise' } });
    expect(preview).toMatchObject({ status: 200, body: { when: 'now', to: { plan_key: 'enterprise' } } });
    const done = await call('POST', '/change-tier', { by, body: { token: preview.body.token } });
    expect(done).toMatchObject({
      status: 200,
      body: { outcome: 'changed', subscription: { plan_key: 'enterprise', amount: 100000 } },
    });
    const charged = scene.world.systems.stripe
      .invoices()
      .find((each) => each.customer === by.customerId && each.billing_reason === 'subscription_update')!;
    expect(charged.amount_paid).toBe(preview.body.amount_due);
    expect(await call('POST', '/change-tier', { by, body: { token: 'nothing-of-ours' } })).toMatchObject({
      status: 409,
      body: { code: 'preview_out_of_date' },
    });
  });

  it('names what is there beyond the limits of a lower tier', async () => {
    const stakeholders = Array.from({ length: 11 }, (_, n) => ({
      name: `Person ${n}`,
      email: `p${n}@crowd.example`,
      role: 'information_manager',
    }));
    const by = await scene.customer({ plan: 'professional', stakeholders });
    const { body } = await call('POST', '/change-tier/preview', { by, body: { plan_key: 'starter' } });
    expect(body).toMatchObject({ when: 'period_end', over_limits: [{ what: 'users', limit: 10, used: 11 }] });
  });

  it('buys one more for a project that is there, with a promotion code', async () => {
    const by = await scene.customer();
    const coupon = await scene.stripe.coupons.create({
      amount_off: 5000,
      currency: 'usd',
      duration: 'forever',
    });
    await scene.stripe.promotionCodes.create({
      code: 'FIFTY',
      promotion: { type: 'coupon', coupon: coupon.id },
    });
    const { project } = (await call('GET', '/subscription', { by })).body as { project: { id: string } };
    const wish = { plan_key: 'starter', interval: 'month', quantity: 1 };
    const bought = await call('POST', '/subscription', {
      by,
      body: { ...wish, promotion_code: 'FIFTY', project: project.id },
    });
    expect(bought).toMatchObject({
      status: 201,
      body: {
        plan_key: 'starter',
        project,
        discounts: [{ amount_off: 5000, percent_off: null, code: 'FIFTY' }],
      },
    });
    const [first] = (await scene.stripe.invoices.list({ subscription: String(bought.body.provider_id) }))
      .data;
    expect(first).toMatchObject({ amount_paid: 150_000 + 25_000 - 5000 });
    expect(await call('POST', '/subscription', { by, body: { ...wish, project: '999999' } })).toMatchObject({
      status: 404,
      body: { code: 'project_not_found' },
    });
  });

  it('arranges a lower tier for the end of the period', async () => {
    const by = await scene.customer({ plan: 'enterprise' });
    const answer = await call('PATCH', '/subscription', { by, body: { plan_key: 'starter' } });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        outcome: 'scheduled',
        subscription: { plan_key: 'enterprise', scheduled_change: { plan_key: 'starter' } },
      },
    });
    expect(await call('POST', '/change-tier/revoke', { by, body: {} })).toMatchObject({
      status: 200,
      body: { plan_key: 'enterprise', scheduled_change: null },
    });
    expect(await call('POST', '/change-tier/revoke', { by, body: {} })).toMatchObject({
      status: 400,
      body: { code: 'nothing_scheduled' },
    });
  });

  it('pauses and resumes', async () => {
    const by = await scene.customer();
    expect(await call('POST', '/resume', { by, body: {} })).toMatchObject({
      status: 400,
      body: { code: 'subscription_not_paused' },
    });
    expect(await call('POST', '/pause', { by, body: {} })).toMatchObject({
      status: 200,
      body: { status: 'paused' },
    });
    expect((await call('GET', '/upcoming-invoice', { by })).body).toEqual({ invoice: null });
    expect(await call('POST', '/resume', { by, body: {} })).toMatchObject({
      status: 200,
      body: { status: 'active' },
    });
  });

  it('takes a promotion code, and does without it again', async () => {
    const by = await scene.customer();
    const { id } = await scene.stripe.coupons.create({
      percent_off: 25,
      duration: 'forever',
      name: 'A quarter',
    });
    await scene.stripe.promotionCodes.create({ code: 'QUARTER', promotion: { type: 'coupon', coupon: id } });
    expect(await call('POST', '/promotion-code', { by, body: { code: 'NOBODYS' } })).toMatchObject({
      status: 422,
      body: { code: 'promotion_code_invalid' },
    });
    expect(await call('POST', '/promotion-code', { by, body: { code: 'a b' } })).toMatchObject({
      status: 422,
      body: { code: 'invalid_request', errors: [{ pointer: '/code', code: 'promotion_code' }] },
    });
    expect(await call('POST', '/promotion-code', { by, body: { code: 'quarter' } })).toMatchObject({
      status: 200,
      body: { discounts: [{ code: 'QUARTER', percent_off: 25, once: false }] },
    });
    expect((await call('GET', '/upcoming-invoice', { by })).body).toMatchObject({
      invoice: { total: 37_500, discount: 12_500 },
    });
    expect(await call('DELETE', '/promotion-code', { by })).toMatchObject({
      status: 200,
      body: { discounts: [] },
    });
  });

  it('changes what stands on invoices, at the provider', async () => {
    const by = await scene.customer();
    const answer = await call('PATCH', '/customer', {
      by,
      body: {
        name: 'Bridges & Sons',
        address: { city: 'Leeds', country: 'GB' },
        tax_id: { type: 'eu_vat', value: 'DE123456789' },
      },
    });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        name: 'Bridges & Sons',
        address: { city: 'Leeds' },
        tax_ids: [{ type: 'eu_vat', value: 'DE123456789' }],
      },
    });
    expect(
      await call('PATCH', '/customer', { by, body: { tax_id: { type: 'eu_vat', value: '12' } } }),
    ).toMatchObject({ status: 422 });
    expect(
      await call('PATCH', '/customer', { by, body: { tax_id: { type: 'eu_vat', value: '123456' } } }),
    ).toMatchObject({ status: 422, body: { code: 'tax_id_invalid' } });
    expect((await call('PATCH', '/customer', { by, body: { tax_id: null } })).body).toMatchObject({
      tax_ids: [],
      name: 'Bridges & Sons',
    });
  });

  it('erases the organisation that asks, and no other', async () => {
    const by = await scene.customer();
    expect(await call('DELETE', '/customer', { by })).toMatchObject({
      status: 200,
      body: { finished: true },
    });
    expect(scene.erased).toEqual([by.organisationId]);
    scene.erasing.takesLonger = true;
    expect(await call('DELETE', '/customer', { by })).toMatchObject({
      status: 202,
      body: { finished: false },
    });
  });

  it('opens the provider’s page for means of payment', async () => {
    const answer = await call('POST', '/portal', { body: {} });
    expect(answer).toMatchObject({ status: 201, body: { url: expect.stringContaining('/p/session/') } });
  });
});

describe('the document', () => {
  it('was held against a real answer of every route that changes something', () => {
    expect(unseen('changing')).toEqual([]);
  });
});
