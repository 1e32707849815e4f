import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askRarely } from '../../connector/http/ask-rarely.ts';
import { stepTitle } from '../../connector/http/step-titles.ts';
import { createLog } from '../../connector/log.ts';
import { RUN_PLANS } from '../../connector/provisioning/run-plans.ts';
import { type Front, orderBody, startFront } from '../support/front.ts';

const logLines: string[] = [];
let front: Front;
beforeAll(async () => {
  front = await startFront({ logLines });
});
afterAll(() => front.stop());

async function order() {
  const { body } = await front.post(orderBody());
  return { token: body.order, sessionId: body.session_id };
}

async function page(token: string, language = 'en') {
  const response = await fetch(`${front.url}/orders/${token}`, { headers: { 'accept-language': language } });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function timeline(token: string) {
  const response = await fetch(`${front.url}/orders/${token}/timeline.json`);
  return { status: response.status, body: (await response.json()) as Timeline };
}

interface Timeline {
  readonly state: string;
  readonly final: boolean;
  readonly message: string;
  readonly steps: readonly { readonly name: string; readonly status: string; readonly status_text: string }[];
}

const setRun = (status: string) =>
  front.db.query(
    'update runs set status = $1 where id = (select id from runs order by created_at desc limit 1)',
    [status],
  );

describe('the order page', () => {
  it('follows an order from unpaid over a late webhook to done', async () => {
    const { token, sessionId } = await order();
    const unpaid = await page(token);
    expect(unpaid.status).toBe(200);
    expect(unpaid.text).toContain('Not paid yet');
    expect(unpaid.text).toContain('href="/services/comply/pay"');
    expect(unpaid.text).toMatch(/<section[^>]* hidden>/);
    expect(unpaid.text).toContain('<noscript><meta http-equiv="refresh" content="5"></noscript>');

    front.pay(sessionId);
    await front.world.clock.advance(5000);
    expect((await timeline(token)).body).toMatchObject({ state: 'confirming', final: false });

    await front.sync(sessionId);
    const working = (await timeline(token)).body;
    expect(working.state).toBe('working');
    expect(working.steps.length).toBeGreaterThan(5);
    expect(new Set(working.steps.map(({ status }) => status))).toEqual(new Set(['pending']));
    expect(working.steps[0]!.status_text).toBe('to come');
    const french = (await page(token, 'fr')).text;
    expect(french).toContain('Espace documentaire créé');
    // Every step of a run that a customer sees, and no English among them.
    for (const { title, name } of [...RUN_PLANS.provision, ...RUN_PLANS.restore])
      expect(stepTitle({ name, title, status: 'pending', ms: null }, 'fr'), name).not.toBe(title);
    // One that has no French name reads as its plan calls it, rather than as nothing.
    const own = { name: 'welded', title: 'Welded by hand', status: 'done', ms: null } as const;
    expect(stepTitle(own, 'fr')).toBe('Welded by hand');
    for (const { title } of RUN_PLANS.provision) expect(french).not.toContain(`>${title}<`);

    await setRun('needs_attention');
    expect((await timeline(token)).body).toMatchObject({ state: 'attention', final: false });
    await setRun('superseded');
    expect((await timeline(token)).body).toMatchObject({ state: 'ended', final: true });
    await front.db.query(
      `insert into runs (kind, subscription_id, status) select 'restore', subscription_id, 'running' from runs order by created_at desc limit 1`,
    );
    expect((await timeline(token)).body).toMatchObject({ state: 'working', final: false });
    await front.db.query("delete from runs where kind = 'restore'");
    await front.db.query(
      `insert into steps (run_id, name, status, ms) select id, $1, 'done', 1234 from runs order by created_at desc limit 1`,
      [working.steps[0]!.name],
    );
    await setRun('done');
    const done = await page(token);
    expect(done.text).toContain('data-final="true"');
    expect(done.text).toContain('<span class="time">1.2 s</span>');
    expect(done.text).not.toContain('http-equiv="refresh"');
    expect((await page(token, 'fr')).text).toContain('Tout est prêt.');
  });

  it('leads back to Stripe’s own page where the order was begun there, and to the wizard once that has expired', async () => {
    const { body } = await front.post(orderBody({ ui: 'redirect' }));
    expect((await timeline(body.order)).body).toMatchObject({ state: 'unpaid', pay_url: body.checkout_url });
    expect((await page(body.order)).text).toContain(`href="${body.checkout_url}"`);
    // Past Stripe’s day.
    await front.world.clock.advance(25 * 3_600_000);
    expect((await timeline(body.order)).body).toMatchObject({
      state: 'unpaid',
      pay_url: '/services/comply/pay',
    });
  });

  it('says nothing to a token that is unknown, malformed or expired', async () => {
    const { token } = await order();
    await front.db.query("update orders set token_expires_at = '2000-01-01'");
    for (const wrong of [token, 'A'.repeat(43), 'short', `${'A'.repeat(43)}%27`]) {
      const answer = await page(wrong);
      expect(answer.status).toBe(404);
      expect(answer.text).toContain('Page not found');
      expect(await timeline(wrong)).toMatchObject({ status: 404, body: { code: 'order_not_found' } });
    }
    expect((await page('%E0%A4%A')).status).toBe(400);
  });

  it('tells no other site where it was, and keeps its token out of the log', async () => {
    const { token, sessionId } = await order();
    const { headers } = await page(`${token}?session_id=${sessionId}`);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    const lines = logLines.join('\n');
    expect(lines).toContain(`/orders/${token.slice(0, 4)}…`);
    expect(lines).not.toContain(token);
    expect(lines).not.toContain('sk_test_sandbox');
    expect(lines).not.toContain('_secret_');
  });

  it('is right while Stripe is away', async () => {
    const { token } = await order();
    front.world.faults.add({ system: 'stripe', times: 50, kind: 'refused' });
    expect((await timeline(token)).body.state).toBe('unpaid');
    front.world.faults.clear();
  });
});

describe('askRarely', () => {
  it('asks once in four seconds, keeps the last answer on failure, forgets the oldest', async () => {
    let at = 0;
    let asked = 0;
    let answer: () => Promise<boolean> = async () => true;
    const deps = { log: createLog({ level: 'silent' }), now: () => new Date(at) };
    const ask = askRarely(
      deps,
      () => {
        asked += 1;
        return answer();
      },
      false,
    );
    expect([await ask(1), await ask(1)]).toEqual([true, true]);
    expect(asked).toBe(1);
    at = 4000;
    answer = () => Promise.reject(new Error('away'));
    expect(await ask(1)).toBe(true);
    expect(asked).toBe(2);
    expect(await ask(2)).toBe(false);
    answer = async () => false;
    for (let id = 10; id < 1012; id += 1) await ask(id);
    const before = asked;
    await ask(1);
    expect(asked).toBe(before + 1);
  });
});
