/** The billing page in a real browser, without and with scripts allowed: from the mailed link to cancelling and back. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pause } from '../../../connector/billing/commands/pause.ts';
import { artifact, launchBrowser } from '../../support/browser.ts';
import { eventually } from '../../support/connector.ts';
import { type BillingScene, startBilling } from './scene.ts';

let scene: BillingScene;
let browser: Browser;
beforeAll(async () => {
  [scene, browser] = await Promise.all([startBilling({ loginsPerMinute: 100 }), launchBrowser()]);
  const { id } = await scene.stripe.coupons.create({ percent_off: 20, duration: 'forever' });
  await scene.stripe.promotionCodes.create({ code: 'FIFTH', promotion: { type: 'coupon', coupon: id } });
});
afterAll(async () => {
  await browser?.close();
  await scene?.stop();
});

type Customer = Awaited<ReturnType<BillingScene['customer']>>;

async function contactOf({ organisationId }: Customer): Promise<string> {
  const { rows } = await scene.db.query<{ email: string }>(
    'select contact_email as email from organisations where id = $1',
    [organisationId],
  );
  return rows[0]!.email;
}

/** A page logged in by the link of a mail; what the browser complains of is collected. */
async function loggedIn(
  customer: Customer,
  options: { locale?: string; javaScriptEnabled?: boolean; phone?: boolean },
) {
  const context = await browser.newContext({
    locale: options.locale ?? 'en-GB',
    javaScriptEnabled: options.javaScriptEnabled ?? true,
    viewport: options.phone === true ? { width: 390, height: 844 } : { width: 1100, height: 900 },
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  const address = await contactOf(customer);
  await page.goto(`${scene.api}/billing`);
  await page.locator('#email').fill(address);
  await page.locator('main button[type="submit"]').click();
  const [mail] = await eventually(`mail to ${address}`, async () => {
    const found = await scene.world.systems.mail.to(address);
    return found.length > 0 && found;
  });
  const token = /\/billing\/login\/([\w-]{43})/.exec(mail!.text)![1]!;
  await page.goto(`${scene.api}/billing/login/${token}`);
  await page.locator('main button').click();
  await page.waitForURL('**/billing');
  return { page, complaints, close: () => context.close() };
}

const shot = async (page: Page, name: string) =>
  page.screenshot({ path: await artifact(`${name}.png`), fullPage: true });

const newestOf = (customerId: string) =>
  scene.world.systems.stripe
    .invoices()
    .filter((each) => each.customer === customerId)
    .at(-1);

const dueAtStripe = (customerId: string) =>
  scene.world.systems.stripe
    .invoices()
    .find((each) => each.customer === customerId && each.billing_reason === 'subscription_update');

describe('the billing page', () => {
  it.each([
    { name: 'with scripts', javaScriptEnabled: true, phone: false },
    { name: 'without scripts, on a phone', javaScriptEnabled: false, phone: true },
  ])('shows, changes, cancels and keeps a subscription ($name)', async ({ javaScriptEnabled, phone }) => {
    const customer = await scene.customer({ plan: 'starter' });
    const { page, complaints, close } = await loggedIn(customer, { javaScriptEnabled, phone });
    const card = page.locator(`[data-subscription="${customer.subscriptionId}"]`);
    const details = (title: string) =>
      card.locator('details', { has: page.locator(`summary:text-is("${title}")`) });

    expect(await card.locator('h2').innerText()).toBe('Starter');
    expect(await card.locator('.badge').innerText()).toBe('Active');
    expect(await card.locator('.next').innerText()).toMatch(/^Renews on .+ for USD\s250\.00$/);
    expect(await page.locator('#payment').innerText()).toContain('VISA ending in 4242');
    const pdf = page.locator('#invoices a', { hasText: 'PDF' }).first();
    expect(await pdf.getAttribute('href')).toMatch(/^https?:\/\//);

    // The costs first, to the cent; nothing has changed yet.
    await details('Change plan').locator('summary').click();
    await details('Change plan').locator('select[name="plan_key"]').selectOption('professional');
    await details('Change plan').locator('button').click();
    await page.locator('#preview').waitFor();
    const due = Number(await page.locator('#amount-due').getAttribute('data-amount'));
    expect(due).toBeGreaterThan(0);
    expect(dueAtStripe(customer.customerId)).toBeUndefined();
    if (!phone) await shot(page, 'billing-preview');
    await page.locator('button.primary').click();
    await page.locator('[data-note="changed"]').waitFor();
    expect(await card.locator('h2').innerText()).toBe('Professional');
    expect(dueAtStripe(customer.customerId)!.amount_paid).toBe(due);

    // A domain that nobody has costs nothing; one that is there is charged, and can be given back.
    const offer = card.locator('[data-offer="custom_domain"]');
    const domain = async (name: string) => {
      if (!(await offer.isVisible())) await details('Add-ons').locator('summary').click();
      await offer.locator('input[name="domain"]').fill(name);
      await offer.locator('button').click();
    };
    await domain('free-harbour.example');
    await page.locator('[data-note="domain_not_registered"]').waitFor();
    await domain('harbour.example');
    await page.locator('#preview').waitFor();
    const addOnDue = Number(await page.locator('#amount-due').getAttribute('data-amount'));
    expect(addOnDue).toBeGreaterThan(0);
    if (!phone) await shot(page, 'billing-add-on');
    await page.locator('button.primary').click();
    await page.locator('[data-note="addon_bought"]').waitFor();
    expect(newestOf(customer.customerId)!.amount_paid).toBe(addOnDue);
    const owned = card.locator('[data-addon="custom_domain"]');
    expect(await owned.innerText()).toContain('Custom domain: harbour.example');
    expect(await card.locator('.amount').innerText()).toMatch(/^USD\s515 per month$/);
    await shot(page, phone ? 'billing-phone' : 'billing');
    await owned.locator('button').click();
    await page.locator('[data-note="addon_removed"]').waitFor();
    expect(await owned.count()).toBe(0);

    // A promotion code: refused, taken, and done without.
    await details('Add a promotion code').locator('summary').click();
    await card.locator('input[name="code"]').fill('NOBODYS');
    await card.locator('.promotion button').click();
    await page.locator('[data-note="promotion_code_invalid"]').waitFor();
    await details('Add a promotion code').locator('summary').click();
    await card.locator('input[name="code"]').fill('fifth');
    await card.locator('.promotion button').click();
    await page.locator('[data-note="code_redeemed"]').waitFor();
    expect(await card.locator('.discount').innerText()).toMatch(/^20 % off \(FIFTH\)/);
    await card.locator('form[action="/billing/discounts/remove"] button').click();
    await page.locator('[data-note="discount_removed"]').waitFor();
    expect(await card.locator('.discount').count()).toBe(0);

    // A cheaper plan comes with the next period, unless it is taken back.
    await details('Change plan').locator('summary').click();
    await details('Change plan').locator('select[name="plan_key"]').selectOption('starter');
    await details('Change plan').locator('button').click();
    await page.locator('#preview').waitFor();
    await page.locator('button.primary').click();
    await page.locator('[data-note="change_scheduled"]').waitFor();
    expect(await card.locator('.scheduled').innerText()).toMatch(/^Changes to Starter \(monthly\) on /);
    await card.locator('.scheduled button').click();
    await page.locator('[data-note="change_revoked"]').waitFor();
    expect(await card.locator('.scheduled').count()).toBe(0);

    await details('Cancel the subscription').locator('summary').click();
    await details('Cancel the subscription').locator('select').selectOption('too_expensive');
    await details('Cancel the subscription').locator('textarea').fill('A "quieter" <b>year</b>');
    await details('Cancel the subscription').locator('button').click();
    await page.locator('[data-note="cancelled"]').waitFor();
    expect(await card.locator('.next').innerText()).toMatch(/^Ends on /);
    expect(
      scene.world.systems.stripe.subscriptions().find(({ id }) => id === customer.providerId),
    ).toMatchObject({ cancel_at_period_end: true, cancellation_details: { feedback: 'too_expensive' } });

    await card.locator('button', { hasText: 'Keep the subscription' }).click();
    await page.locator('[data-note="reactivated"]').waitFor();
    expect(await card.locator('.next').innerText()).toMatch(/^Renews on /);

    // Means of payment: the provider's own page, and back.
    await page.locator('#payment button').first().click();
    await page.waitForURL('**/p/session/**');
    await page.locator('a', { hasText: 'Return' }).click();
    await page.waitForURL('**/billing');
    expect(await card.count()).toBe(1);

    await page.locator('button', { hasText: 'Log out' }).click();
    await page.locator('#email').waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  it('takes somebody back who had left, by the keyboard and without scripts', async () => {
    const customer = await scene.customer({ plan: 'starter' });
    await scene.call('DELETE', '/subscription', { token: customer.token });
    // As the run after the end leaves it.
    await scene.db.query("update subscriptions set access = 'deprovisioned' where id = $1", [
      customer.subscriptionId,
    ]);
    const { page, complaints, close } = await loggedIn(customer, { javaScriptEnabled: false });
    const left = page.locator(`[data-subscription="${customer.subscriptionId}"]`);
    await shot(page, 'billing-left');
    await left.locator('select[name="plan_key"]').selectOption('professional');
    await left.locator('form[action="/billing/return"] button').press('Enter');
    await page.locator('#preview').waitFor();
    const due = Number(await page.locator('#amount-due').getAttribute('data-amount'));
    await shot(page, 'billing-return');
    await page.locator('button.primary').press('Enter');
    await page.locator('[data-note="returned"]').waitFor();
    expect(newestOf(customer.customerId)!.amount_paid).toBe(due);
    expect(await page.locator('.badge', { hasText: 'Active' }).count()).toBe(1);
    expect(await page.locator('form[action="/billing/return"]').count()).toBe(0);
    expect(complaints).toEqual([]);
    await close();
  });

  it('takes a paused subscription up again, and says when that has to be paid first', async () => {
    const customer = await scene.customer({ plan: 'starter' });
    // Ten days of it are used up: what is credited does not pay the next period.
    await scene.world.clock.advance(10 * 86_400_000);
    await pause(scene.deps, { subscriptionId: customer.subscriptionId });
    scene.world.systems.stripe.replaceCard(customer.providerId, '4000000000000341');
    await scene.world.clock.advance(40 * 86_400_000);
    const { page, close } = await loggedIn(customer, {});
    const card = page.locator('.subscription');
    expect(await card.locator('.badge').innerText()).toBe('Paused');
    await card.locator('button', { hasText: 'Resume' }).click();
    await page.locator('[data-note="resume_waits"]').waitFor();
    const open = newestOf(customer.customerId)!;
    scene.world.systems.stripe.payInvoice(open.id);
    await scene.syncCustomer(customer.customerId);
    await page.goto(`${scene.api}/billing`);
    expect(await card.locator('.badge').innerText()).toBe('Active');
    await close();
  });

  it('speaks French', async () => {
    const customer = await scene.customer();
    const { page, close } = await loggedIn(customer, { locale: 'fr-FR' });
    expect(await page.locator('h1').innerText()).toBe('Votre facturation');
    expect(await page.locator('.next').innerText()).toMatch(/^Le .+ : 500,00\sUSD$/);
    await close();
  });

  it('says what is unpaid and leads to paying it', async () => {
    const customer = await scene.customer({ plan: 'starter' });
    scene.world.systems.stripe.replaceCard(customer.providerId, '4000000000000341');
    await scene.world.clock.advance(32 * 86_400_000);
    await scene.syncCustomer(customer.customerId);
    const { page, close } = await loggedIn(customer, {});
    expect(await page.locator('.subscription .badge').innerText()).toBe('Payment overdue');
    expect(await page.locator('.subscription a.primary').getAttribute('href')).toMatch(/^http/);
    await close();
  });
});
