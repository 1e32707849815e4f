/** The wizard's last step: one order however often it is begun, on our page or Stripe's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Front, startFront } from '../support/front.ts';
import { filledIn, ROOT } from './wizard-visitor.ts';

let front: Front;
beforeAll(async () => {
  front = await startFront();
});
afterAll(() => front?.stop());
describe('payment', () => {
  it('is one order, however often its page is opened, and two clicks at once', async () => {
    const one = await filledIn(front.url);
    const before = await orders();
    const both = await Promise.all([one.get(`${ROOT}/pay`), one.get(`${ROOT}/pay`)]);
    both.push(await one.get(`${ROOT}/pay`));
    const secrets = both.map(({ text }) => /data-client-secret="(\w+)"/.exec(text)?.[1]);
    expect(new Set(secrets).size).toBe(1);
    expect(await orders()).toBe(before + 1);
  });

  it('is one order of embedded and hosted begun at once, and keeps what is typed meanwhile', async () => {
    const one = await filledIn(front.url);
    const before = await orders();
    // Stripe answers slowly, so that the change comes while payment is being begun.
    front.world.delay('stripe', 150);
    const begun = [one.get(`${ROOT}/pay`), one.post(`${ROOT}/pay`, [])];
    await new Promise((resolve) => setTimeout(resolve, 60));
    await one.post(`${ROOT}/project`, [
      ['name', 'Typed meanwhile'],
      ['code', 'TM-1'],
    ]);
    await Promise.all(begun);
    front.world.delay('stripe', 0);
    expect((await one.get(`${ROOT}/project`)).text).toContain('value="Typed meanwhile"');
    expect((await one.get(`${ROOT}/pay`)).status).toBe(200);
    expect(await orders()).toBe(before + 1);
    const { rows } = await front.db.query<{ id: number; name: string }>(
      'select o.id, p.name from orders o join projects p on p.id = o.project_id order by o.id desc limit 1',
    );
    expect(rows[0]!.name).toBe('Typed meanwhile');
    const open = front.world.systems.stripe
      .sessions()
      .filter(({ metadata, status }) => metadata!.order_id === String(rows[0]!.id) && status === 'open');
    expect(open).toHaveLength(1);
  });

  it('goes to Stripe’s own page without scripts', async () => {
    const one = await filledIn(front.url);
    const { status, location } = await one.post(`${ROOT}/pay`, []);
    expect(status).toBe(303);
    expect(location).toContain(front.world.urls.stripe);
  });

  it('follows a draft changed after the first try', async () => {
    const one = await filledIn(front.url);
    const first = (await one.get(`${ROOT}/pay`)).text;
    await one.post(ROOT, [
      ['plan', 'enterprise'],
      ['interval', 'month'],
    ]);
    const second = (await one.get(`${ROOT}/pay`)).text;
    const id = (text: string) => /data-client-secret="(cs_test_\w+?)_secret/.exec(text)![1]!;
    expect(id(second)).not.toBe(id(first));
    const of = (sessionId: string) =>
      front.world.systems.stripe.sessions().find((session) => session.id === sessionId)!;
    expect(of(id(first)).status).toBe('expired');
    expect(of(id(second)).amount_total).toBe(700_000);
  });

  it('leads to the order page once paid, and the next visit begins anew', async () => {
    const one = await filledIn(front.url);
    const { text } = await one.get(`${ROOT}/pay`);
    const sessionId = /data-client-secret="(cs_test_\w+?)_secret/.exec(text)![1]!;
    front.pay(sessionId);
    const { status, location } = await one.get(`${ROOT}/pay`);
    expect(status).toBe(303);
    expect(location).toMatch(/^\/orders\/[\w-]{43}$/);
    await front.sync(sessionId);
    expect((await one.get(`${ROOT}/pay`)).location).toBe(location);
    expect((await one.get(`${ROOT}/review`)).location).toBe(ROOT);
  });

  it('makes a new order of the draft when the old one’s link has expired', async () => {
    const one = await filledIn(front.url);
    await one.get(`${ROOT}/pay`);
    await front.db.query("update orders set token_expires_at = '2000-01-01'");
    expect((await one.get(`${ROOT}/pay`)).location).toBe(`${ROOT}/review`);
    expect((await one.get(`${ROOT}/pay`)).status).toBe(200);
  });

  it('says so kindly while Stripe is away, and loses nothing', async () => {
    const one = await filledIn(front.url);
    front.world.faults.add({ system: 'stripe', times: 20, kind: 'server_error' });
    const { status, text } = await one.get(`${ROOT}/pay`);
    front.world.faults.clear();
    expect(status).toBe(503);
    expect(text).toContain('Please try again in a moment');
    expect((await one.get(`${ROOT}/pay`)).status).toBe(200);
  });

  it('widens the content policy by Stripe alone, and only there', async () => {
    const one = await filledIn(front.url);
    const { headers, text } = await one.get(`${ROOT}/pay`);
    const policy = headers.get('content-security-policy')!;
    const { stripe } = front.world.urls;
    expect(policy).toContain(`script-src 'self' ${stripe};`);
    expect(policy).toContain(`frame-src ${stripe}`);
    expect(policy).toContain(`form-action 'self' ${stripe}`);
    const review = await one.get(`${ROOT}/review`);
    expect(review.headers.get('content-security-policy')).not.toContain(stripe);
    for (const page of [text, review.text])
      expect(page).not.toMatch(/<script>|<script [^>]*>[^<]|<style| style=| on\w+="/);
  });
});

async function orders() {
  const { rows } = await front.db.query<{ n: number }>('select count(*)::int as n from orders');
  return rows[0]!.n;
}
