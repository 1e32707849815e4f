import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RUN_PLANS } from '../../connector/provisioning/run-plans.ts';
import { artifact, launchBrowser } from '../support/browser.ts';
import { type Front, startFront } from '../support/front.ts';

let front: Front;
let browser: Browser;
beforeAll(async () => {
  [front, browser] = await Promise.all([startFront(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await front?.stop();
});

const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;

async function shot(page: Page, name: string) {
  await page.screenshot({ path: await artifact(`${name}.png`), fullPage: true });
}

/** Lets the newest run get on as its worker would: so many steps done, then the next under way. */
async function stepsUntil({ db }: Front, done: number) {
  const { rows } = await db.query<{ id: string }>('select id from runs order by created_at desc limit 1');
  const id = rows[0]!.id;
  const names = RUN_PLANS.provision.map((step) => step.name);
  for (const [index, step] of names.entries()) {
    if (index > done) continue;
    await db.query(
      `insert into steps (run_id, name, status, ms) values ($1, $2, $3, $4)
       on conflict (run_id, name) do update set status = excluded.status, ms = excluded.ms`,
      [id, step, index < done ? 'done' : 'running', index < done ? 420 + 97 * index : null],
    );
  }
  await db.query('update runs set status = $2 where id = $1', [id, done > names.length ? 'done' : 'running']);
}

describe('the wizard in a browser', () => {
  for (const [name, viewport] of Object.entries(SIZES)) {
    it(`is walked by keyboard to the order page (${name})`, async () => {
      const context = await browser.newContext({ viewport, locale: 'en-GB' });
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      const type = (text: string) => page.keyboard.type(text);
      const tab = () => page.keyboard.press('Tab');
      const enter = () => page.keyboard.press('Enter');

      await page.goto(`${front.url}/services/comply`);
      await shot(page, `wizard-${name}-1-plan`);
      await page.locator('input[value="professional"]').focus();
      await page.keyboard.press('Space');
      await enter();
      await page.waitForURL('**/services/comply/organisation');

      await page.locator('#organisation-name').focus();
      await enter();
      await page.waitForSelector('.summary');
      await shot(page, `wizard-${name}-2-errors`);
      expect(complaints.splice(0)).toEqual([expect.stringContaining('422')]);

      await page.locator('#organisation-name').focus();
      await type('Ponts & Chaussées <b>SARL</b> 🌉');
      await tab();
      await type('France');
      await tab();
      await tab();
      await type('Zoé Ünal');
      await tab();
      await type(`zoe.${name}@ponts.example`);
      await enter();
      await page.waitForURL('**/services/comply/project');

      await page.locator('#project-name').focus();
      await type('جسر الميناء');
      await tab();
      await type('PONT-01');
      await shot(page, `wizard-${name}-3-project`);
      await enter();
      await page.waitForURL('**/services/comply/stakeholders');

      await page.getByRole('button', { name: 'Add a person' }).press('Enter');
      await page.locator('#stakeholders-1-name').fill('Client Person');
      await page.locator('#stakeholders-1-email').fill(`client.${name}@ville.example`);
      await page.locator('#stakeholders-1-role').selectOption('appointing_party');
      await page.reload();
      await page.locator('#stakeholders-1-name').fill('Client Person');
      await page.locator('#stakeholders-1-email').fill(`client.${name}@ville.example`);
      await page.locator('#stakeholders-1-role').selectOption('appointing_party');
      await shot(page, `wizard-${name}-4-people`);
      await page.locator('#stakeholders-1-email').press('Enter');
      await page.waitForURL('**/services/comply/review');
      await shot(page, `wizard-${name}-5-review`);
      const review = await page.locator('main').textContent();
      expect(review).toContain('Ponts & Chaussées <b>SARL</b> 🌉');
      expect(review?.replaceAll('\u00a0', ' ')).toMatch(/USD 500 per month[\s\S]*USD 3,000[\s\S]*USD 3,500/);

      await page.getByRole('button', { name: 'Go to payment' }).last().press('Enter');
      await page.waitForURL('**/services/comply/pay');
      const stripe = page.frameLocator('#checkout iframe');
      await stripe.getByLabel('Card number').waitFor();
      await shot(page, `wizard-${name}-6-pay`);
      const before = front.world.systems.stripe.sessions().length;
      await page.reload();
      expect(front.world.systems.stripe.sessions()).toHaveLength(before);
      await stripe.getByLabel('Card number').focus();
      await type('4242424242424242');
      await tab();
      await type('12 / 34');
      await tab();
      await type('123');
      await tab();
      await type('Zoé Ünal');
      await enter();

      await page.waitForURL('**/orders/*session_id=cs_*');
      const state = page.locator('#state');
      await page.getByText('Payment received', { exact: true }).waitFor();
      await shot(page, `order-${name}-1-confirming`);
      const sessionId = new URL(page.url()).searchParams.get('session_id')!;
      await front.sync(sessionId);
      await page.getByText('Being set up', { exact: true }).waitFor();
      await stepsUntil(front, 4);
      await page.locator('#steps li[data-status="done"]').nth(3).waitFor();
      await shot(page, `order-${name}-2-working`);
      await stepsUntil(front, Number.POSITIVE_INFINITY);
      await page.getByText('Ready', { exact: true }).waitFor();
      await shot(page, `order-${name}-3-done`);
      await page.reload();
      expect(await state.textContent()).toBe('Ready');
      expect(complaints).toEqual([]);
      await context.close();
    });
  }

  it('leads to Stripe’s own page when the form cannot be shown, and back when turned away', async () => {
    const page = await (await browser.newContext({ viewport: SIZES.desktop })).newPage();
    page.setDefaultTimeout(30_000);
    await page.route('**/endive/stripe.js', (route) => route.abort());
    await page.goto(`${front.url}/services/comply`);
    await page.locator('input[value="starter"]').check();
    await page.getByRole('button', { name: 'Continue' }).last().click();
    await page.locator('#organisation-name').fill('Half Typed Ltd');
    await page.waitForResponse((response) => response.status() === 204);
    await page.reload();
    expect(await page.locator('#organisation-name').inputValue()).toBe('Half Typed Ltd');
    await page.locator('#organisation-country').selectOption('DE');
    await page.locator('#organisation-contact_name').fill('Ida Rhein');
    await page.locator('#organisation-contact_email').fill('ida@half.example');
    await page.locator('#organisation-contact_email').press('Enter');
    await page.locator('#project-name').fill('Tunnel');
    await page.locator('#project-code').fill('T-1');
    await page.locator('#project-code').press('Enter');
    await page.waitForURL('**/stakeholders');
    await page.locator('#stakeholders-0-name').press('Enter');
    await page.waitForURL('**/review');
    await page.getByRole('button', { name: 'Go to payment' }).last().click();
    await page.getByText('could not be loaded').waitFor();
    await shot(page, 'wizard-desktop-7-fallback');
    await page.getByRole('button', { name: 'Pay on Stripe’s own page' }).click();
    await page.waitForURL(`${front.world.urls.stripe}/**`);
    await page.getByRole('link', { name: 'Cancel and go back' }).click();
    await page.waitForURL('**/services/comply');
    expect(await page.locator('input[value="starter"]').isChecked()).toBe(true);
    await page.context().close();
  });
});
