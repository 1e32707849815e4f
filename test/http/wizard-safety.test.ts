/** What the wizard shows, takes and stores of texts, forms and cookies it should not trust. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Front, startFront } from '../support/front.ts';
import { filledIn, ORGANISATION, PEOPLE, PLAN, PROJECT, ROOT, visitor } from './wizard-visitor.ts';

let front: Front;
beforeAll(async () => {
  front = await startFront();
});
afterAll(() => front?.stop());
describe('the wizard', () => {
  it('escapes every text it shows', async () => {
    const one = visitor(front.url);
    const evil = '"><script>alert(1)</script>';
    await one.post(ROOT, [
      ['plan', evil],
      ['interval', evil],
      ['quantity', evil],
    ]);
    expect((await one.get(ROOT)).text).not.toContain('<script>alert');
    await one.post(ROOT, PLAN);
    const pages: string[] = [];
    const all = (fields: readonly (readonly [string, string])[]) =>
      fields.map(([name]) => [name, evil] as const);
    pages.push((await one.post(`${ROOT}/organisation`, all(ORGANISATION))).text);
    await one.post(
      `${ROOT}/organisation`,
      ORGANISATION.map(([n, v]) => [n, n === 'name' || n === 'contact_name' ? evil : v] as const),
    );
    pages.push((await one.post(`${ROOT}/project`, all(PROJECT))).text);
    await one.post(
      `${ROOT}/project`,
      PROJECT.map(([n, v]) => [n, n === 'code' ? v : evil] as const),
    );
    pages.push((await one.post(`${ROOT}/stakeholders`, all(PEOPLE))).text);
    await one.post(
      `${ROOT}/stakeholders`,
      PEOPLE.map(([n, v]) => [n, n === 'name' ? evil : v] as const),
    );
    const review = await one.get(`${ROOT}/review`);
    expect(review.status).toBe(200);
    pages.push(review.text);
    for (const page of pages) {
      expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(page).not.toContain('<script>alert');
    }
  });

  it('takes no form from another site, and begins no payment from there', async () => {
    const one = await filledIn(front.url);
    const elsewhere = { 'sec-fetch-site': 'cross-site' };
    const typed = await one.post(`${ROOT}/organisation`, [['name', 'Evil']], elsewhere);
    expect(typed.status).toBe(403);
    expect(typed.set).toBeUndefined();
    expect(typed.text).toContain('Nothing was changed');
    expect((await one.post(ROOT, PLAN, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await one.post(`${ROOT}/pay`, [], elsewhere)).status).toBe(403);
    expect(await one.get(`${ROOT}/pay`, elsewhere)).toMatchObject({
      status: 303,
      location: `${ROOT}/review`,
    });
    expect((await one.get(`${ROOT}/organisation`)).text).not.toContain('Evil');
    const ours = { 'sec-fetch-site': 'same-origin', origin: 'null' };
    expect((await one.post(`${ROOT}/organisation`, ORGANISATION, ours)).status).toBe(303);
  });

  it('reads what a form sends, and nothing else as one', async () => {
    const { status, text } = await visitor(front.url).post(ROOT, PLAN, {
      'content-type': 'application/json',
    });
    expect(status).toBe(422);
    expect(text).not.toContain('value="starter" checked');
  });

  it('gives no draft to a cookie it never gave', async () => {
    const one = visitor(front.url);
    const made = await fetch(new URL(ROOT, front.url), {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: `draft=${'B'.repeat(43)}` },
      body: new URLSearchParams([
        ['plan', 'starter'],
        ['interval', 'month'],
      ]),
    });
    expect(made.headers.getSetCookie()[0]).not.toContain('B'.repeat(43));
    expect(one.cookie()).toBe('');
  });

  it('stores drafts sealed', async () => {
    await filledIn(front.url);
    const { rows } = await front.db.query('select * from drafts');
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain('ponts-wizard');
  });
});
