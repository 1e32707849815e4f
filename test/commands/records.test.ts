/** What an operator at 3 a.m. reads by the CLI: customers, invoices, events, and why things are as they are. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ConnectorError } from '../../connector/errors.ts';
import { customersExplain, customersGet, customersList } from '../../scripts/commands/customers.ts';
import { eventsList, eventsReplay, eventsShow } from '../../scripts/commands/events.ts';
import { invoicesList } from '../../scripts/commands/invoices.ts';
import { runRevenue } from '../../scripts/commands/revenue.ts';
import { eventually } from '../support/connector.ts';
import { openScene, type Scene } from '../support/scene.ts';

let scene: Scene;
let customer: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  scene = await openScene();
  env = { ...scene.connector.env, CONNECTOR_URL: scene.connector.publicUrl };
  ({ customer } = await scene.buy());
  await settled();
});
afterAll(() => scene?.close());
afterEach(() => {
  vi.restoreAllMocks();
});

const settled = () =>
  eventually('no event is open', async () => {
    const { rows } = await scene.db.query<{ n: number }>(
      "select count(*) as n from events where state = 'open'",
    );
    return rows[0]!.n === 0;
  });

/** What a command prints; `json` gives its one JSON line. */
async function printed(
  command: (argv: readonly string[], env: NodeJS.ProcessEnv) => Promise<number>,
  ...argv: string[]
): Promise<string> {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(String(line)));
  expect(await command(argv, env)).toBe(0);
  spy.mockRestore();
  return lines.join('\n');
}

async function refusal(work: Promise<unknown>): Promise<ConnectorError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConnectorError);
  return error as ConnectorError;
}

describe('cli customers', () => {
  it('lists them, and finds one by a part of its name', async () => {
    const [found] = JSON.parse(await printed(customersList, '--search', 'harbour WORKS', '--json'));
    expect(found).toMatchObject({ id: customer, alive: 1, parkedAt: null });
    expect(await printed(customersList, '--search', 'nobody at all')).toBe('(none)');
    expect(await printed(customersList)).toContain(customer);
    expect(await printed(customersList, '--parked')).toBe('(none)');
    expect(await printed(customersList, '--after', customer)).toBe('(none)');
  });

  it('shows one by Stripe’s id and by the number of its organisation', async () => {
    const shown = JSON.parse(await printed(customersGet, customer, '--json'));
    expect(shown.subscriptions).toMatchObject([
      { planKey: 'starter', status: 'active', access: 'provisioned' },
    ]);
    expect(shown.invoices).toMatchObject([{ status: 'paid', total: 175_000 }]);
    expect(JSON.parse(await printed(customersGet, String(shown.organisationId), '--json')).id).toBe(customer);
    expect(await printed(customersGet, customer)).toMatch(
      /starter .*USD.250\.00\/month .*active .*provisioned/,
    );
    expect((await refusal(customersGet(['cus_nobody'], env))).code).toBe('not_found');
  });

  it('explains it: what Stripe said, what was decided, what was done, in order of time', async () => {
    const { lines } = JSON.parse(await printed(customersExplain, customer, '--json')) as {
      lines: { at: string; kind: string; text: string }[];
    };
    const times = lines.map(({ at }) => Date.parse(at));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const said = (kind: string) => lines.filter((line) => line.kind === kind).map((line) => line.text);
    expect(said('event').join()).toContain('invoice.paid of in_');
    expect(said('decision').join()).toMatch(/paid because of first_payment .*won because of first_money/);
    expect(said('run')).toEqual(['provision done']);
    expect(said('step')).toContain('bucket done after 1 attempt(s)');
    expect(said('erp').filter((text) => /^crm\.lead \d+ written/.test(text))).toHaveLength(1);
    expect(said('erp').filter((text) => text.startsWith('x_stripe_subscription'))).toHaveLength(1);
    expect(said('mail').filter((text) => text.startsWith('welcome sent to ada@'))).toHaveLength(1);
    const shown = await printed(customersExplain, customer);
    expect(shown).toContain('because of first_payment');
    // One long sentence pushes nothing out of sight.
    expect(shown).toMatch(/when +what +of +said or done\n/);
  });
});

describe('cli revenue', () => {
  it('says what recurs a month, what came in, and so do the metrics', async () => {
    const { recurring, months } = JSON.parse(await printed(runRevenue, '--json'));
    expect(recurring).toMatchObject([{ currency: 'usd', planKey: 'starter', subscriptions: 1, mrr: 25_000 }]);
    expect(months).toMatchObject([{ currency: 'usd', invoicesPaid: 1, paid: 175_000, started: 1, ended: 0 }]);
    const text = await printed(runRevenue);
    expect(text).toMatch(/USD +starter +1 +1 +USD.250\.00\n/);
    expect(text).toMatch(/USD +1 +USD.1,750\.00 +USD.0\.00 +1 +0/);
    expect((await refusal(runRevenue(['--months', '0'], env))).code).toBe('invalid_request');
    const metrics = await (await fetch(`${scene.connector.publicUrl}/metrics`)).text();
    expect(metrics).toContain('connector_monthly_recurring_revenue{currency="usd",plan="starter"} 250');
    expect(metrics).toContain('connector_subscriptions_billed{currency="usd",plan="starter"} 1');
  });
});

describe('a coupon that lasts', () => {
  it('takes its share off the monthly revenue, here and in the ERP', async () => {
    const { stripe } = scene;
    const { subscriptions } = JSON.parse(await printed(customersGet, customer, '--json'));
    const coupon = await stripe.coupons.create({ percent_off: 20, duration: 'forever' });
    await stripe.subscriptions.update(subscriptions[0].providerId, { discounts: [{ coupon: coupon.id }] });
    await eventually('it is counted', async () => {
      const { recurring } = JSON.parse(await printed(runRevenue, '--json'));
      return recurring[0].mrr === 20_000;
    });
    await eventually('the ERP has it', async () => {
      const record = scene.world.systems.odoo.find('x_stripe_subscription', () => true);
      return record?.x_mrr === 200;
    });
    expect(await printed(customersExplain, customer)).toMatch(/changed because of v\d+ .*"monthlyAmount"/);
    await settled();
  });
});

describe('cli invoices', () => {
  it('lists them by customer and status', async () => {
    const [invoice] = JSON.parse(await printed(invoicesList, '--customer', customer, '--json'));
    expect(invoice).toMatchObject({ customerId: customer, status: 'paid', amountPaid: 175_000 });
    expect(await printed(invoicesList, '--status', 'open')).toBe('(none)');
    expect(await printed(invoicesList, '--before', invoice.providerId)).toBe('(none)');
    expect(await printed(invoicesList)).toMatch(/USD.1,750\.00/);
    expect((await refusal(invoicesList(['--limit', '0'], env))).code).toBe('invalid_request');
  });
});

describe('cli events', () => {
  it('lists, shows and replays one; what was done for it before is not done again', async () => {
    const [paid] = JSON.parse(await printed(eventsList, '--type', 'invoice.paid', '--json'));
    expect(paid).toMatchObject({ state: 'done', customer, source: 'webhook' });
    expect(await printed(eventsShow, paid.id)).toContain('"object": "event"');
    expect(JSON.parse(await printed(eventsShow, paid.id, '--json')).payload.id).toBe(paid.id);
    const before = (await scene.db.query('select 1 from transitions')).rowCount;
    const version = await syncs();
    expect(await printed(eventsReplay, paid.id)).toBe('1 event(s) of 1 customer(s) are worked on again.');
    await eventually('it was worked on', async () => (await syncs()) > version);
    await settled();
    expect((await scene.db.query('select 1 from transitions')).rowCount).toBe(before);
    expect((await scene.db.query('select 1 from runs')).rowCount).toBe(1);
  });

  it('replays what was received since a moment', async () => {
    const all = (await scene.db.query("select 1 from events where state = 'done'")).rowCount;
    const version = await syncs();
    expect(await printed(eventsReplay, '--since', '2020-01-01')).toBe(
      `${all} event(s) of 1 customer(s) are worked on again.`,
    );
    await eventually('they were worked on', async () => (await syncs()) > version);
    await settled();
    expect(await printed(eventsReplay, '--since', '2100-01-01')).toMatch(/^0 event/);
    const none = await printed(eventsReplay, '--since', '2100-01-01', '--json');
    expect(JSON.parse(none)).toEqual({ events: 0, customers: 0 });
  });

  it('shows which failed with their cause, and tries them again', async () => {
    await scene.db.query(
      `update customers set parked_at = now(), retry_at = now() + interval '1 hour',
         park_cause = '{"code": "stripe_permission", "message": "no right to read invoices"}' where id = $1`,
      [customer],
    );
    await scene.db.query(
      `update events set state = 'open', received_at = now() - interval '1 minute' where seq = (select max(seq) from events where customer = $1)`,
      [customer],
    );
    expect(await printed(eventsList, '--failed')).toContain('no right to read invoices');
    expect(await printed(customersList, '--parked')).toContain(customer);
    expect(await printed(customersGet, customer)).toContain('Parked: no right to read invoices');
    expect(await printed(eventsReplay, '--failed')).toBe('1 event(s) of 1 customer(s) are worked on again.');
    await settled();
    expect(await printed(eventsList, '--failed')).toBe('(none)');
  });

  it('refuses what it cannot replay, and says what to do', async () => {
    expect((await refusal(eventsReplay(['evt_nobody'], env))).code).toBe('event_not_found');
    await scene.db.query(
      `insert into events (id, type, livemode, created, source, state, cause, payload)
       values ('evt_other', 'plan.created', false, now(), 'webhook', 'ignored', '{"code": "unknown_type"}', '{}')`,
    );
    const refused = await refusal(eventsReplay(['evt_other'], env));
    expect(refused).toMatchObject({ code: 'event_has_no_work', advice: expect.stringContaining('cli sync') });
    vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(await eventsReplay([], env)).toBe(2);
    expect(await eventsReplay(['evt_other', '--failed'], env)).toBe(2);
    expect((await refusal(eventsReplay(['--since', 'yesterday'], env))).code).toBe('invalid_request');
    expect((await refusal(eventsShow(['evt_nobody'], env))).code).toBe('not_found');
    expect((await refusal(eventsList(['--state', 'lost'], env))).code).toBe('invalid_request');
    expect((await refusal(customersGet(['me'], env))).code).toBe('invalid_request');
  });
});

async function syncs(): Promise<number> {
  const { rows } = await scene.db.query<{ version: number }>('select version from customers where id = $1', [
    customer,
  ]);
  return rows[0]!.version;
}
