/** "Send checkout link": whom the mail greets, and what an opportunity must say before one is sent. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ErpRequest } from '../../connector/crm/requests/request.ts';
import { sendCheckoutLink } from '../../connector/wiring/checkout-link.ts';
import { openSteps, type Steps } from '../support/steps.ts';

let steps: Steps;
let sent = 0;

beforeAll(async () => {
  steps = await openSteps();
});
afterAll(() => steps?.db.close());

const address = () => `buyer${sent}@harbour.example`;

/** Staff press the button on an opportunity with these values. */
async function press(values: Record<string, unknown>, change: object = {}) {
  sent += 1;
  const resId = steps.world.systems.odoo.staff.create('crm.lead', {
    name: 'By hand',
    type: 'opportunity',
    email_from: address(),
    x_stripe_plan: 'starter',
    x_stripe_interval: 'month',
    x_stripe_setup_amount: 0,
    x_stripe_recurring_amount: 0,
    ...values,
  });
  const request: ErpRequest = {
    id: `request-${sent}`,
    action: 'send_checkout_link',
    model: 'crm.lead',
    resId,
    asker: 'Sally (seller)',
    askedAt: steps.deps.now(),
    input: {},
  };
  const { odoo } = steps.systems;
  const guard = <T>(call: () => Promise<T>) => call();
  return sendCheckoutLink({ ...steps.deps, odoo, guard, ...change }, request);
}

it.each([
  ['the person', { contact_name: 'Carla', partner_name: 'Old Harbour' }, 'Carla'],
  ['the company, where no person is named', { partner_name: 'Old Harbour' }, 'Old Harbour'],
  ['the address, where nobody is', {}, null],
])('greets %s', async (_who, values, name) => {
  const { answer } = await press(values);
  expect(answer).toMatch(/^Checkout link for Starter sent to buyer\d+@harbour\.example, valid until 20/);
  const [mail] = await steps.world.systems.mail.to(address());
  expect(mail!.text).toContain(`Hello ${name ?? address()},`);
});

it('says the amounts that were agreed', async () => {
  const amounts = { x_stripe_setup_amount: 100, x_stripe_recurring_amount: 900 };
  expect((await press(amounts)).answer).toContain('Starter, $900.00 per month and $100.00 once sent to');
});

it.each([
  [
    'a set-up amount below zero',
    { x_stripe_setup_amount: -1, x_stripe_recurring_amount: 10 },
    'amounts_too_small',
    /set-up amount cannot be below zero/,
  ],
  [
    'a recurring amount Stripe would not take',
    { x_stripe_recurring_amount: 0.4 },
    'amounts_too_small',
    /at least \$1\.00/,
  ],
  ['a plan that is none', { x_stripe_plan: 'platinum' }, 'plan_unknown', /The plans are: starter, /],
])('is refused for %s', async (_what, values, code, message) => {
  await expect(press(values)).rejects.toMatchObject({
    kind: 'conflict',
    code,
    message: expect.stringMatching(message),
  });
  expect(await steps.world.systems.mail.to(address())).toEqual([]);
});

it('is refused for an interval the plan is not sold by, naming it', async () => {
  const { catalogue } = steps.deps;
  const plans = catalogue.plans.map((plan) => ({ ...plan, prices: { month: 25_000 } }));
  const yearly = press({ x_stripe_interval: 'year' }, { catalogue: { ...catalogue, plans } });
  await expect(yearly).rejects.toMatchObject({
    code: 'amounts_missing',
    message: 'Starter is not sold per year: choose the other interval, or set the amounts.',
  });
});
