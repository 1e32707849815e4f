/** Requests the checkout API does not accept: each is told where it is wrong. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderBody } from '../support/front.ts';
import { type CheckoutScene, startCheckout } from './checkout-scene.ts';

let front: CheckoutScene;
beforeAll(async () => {
  front = await startCheckout();
});
afterAll(() => front?.stop());
describe('a request that is not acceptable', () => {
  const refused: readonly (readonly [string, Record<string, unknown>, string])[] = [
    ['an unknown plan', { plan: 'gold' }, '/plan plan'],
    ['an unknown interval', { interval: 'week' }, '/interval interval'],
    ['a missing project', { project: undefined }, '/project required'],
    ['an unknown field', { colour: 'red' }, '/colour unknown_field'],
    [
      'a line break in a name',
      { project: { name: 'a\r\nBcc: x@y.example', code: 'A' } },
      '/project/name characters',
    ],
    ['a code with spaces', { project: { name: 'a', code: 'A B' } }, '/project/code project_code'],
    ['a name too long', { project: { name: 'x'.repeat(201), code: 'A' } }, '/project/name too_long'],
    ['half a surrogate pair', { project: { name: '\ud83c', code: 'A' } }, '/project/name characters'],
    [
      'nobody managing information',
      { stakeholders: [{ name: 'A', email: 'a@b.example', role: 'appointed_party' }] },
      '/stakeholders information_manager',
    ],
    ['nobody at all', { stakeholders: [] }, '/stakeholders required'],
    [
      'a role that is none',
      { stakeholders: [{ name: 'A', email: 'a@b.example', role: 'king' }] },
      '/stakeholders/0/role role',
    ],
    [
      'an address without domain',
      { stakeholders: [{ name: 'A', email: 'a@b', role: 'information_manager' }] },
      '/stakeholders/0/email email',
    ],
    [
      'an address with a line break',
      {
        stakeholders: [{ name: 'A', email: 'a@b.example\r\nBcc: c@d.example', role: 'information_manager' }],
      },
      '/stakeholders/0/email email',
    ],
    [
      'somebody twice',
      {
        stakeholders: [
          { name: 'A', email: 'a@b.example', role: 'information_manager' },
          { name: 'B', email: 'A@B.example', role: 'appointed_party' },
        ],
      },
      '/stakeholders/1/email listed_twice',
    ],
    ['a wrong type', { stakeholders: 'me' }, '/stakeholders type'],
    ['an unknown user interface', { ui: 'popup' }, '/ui ui'],
    ['an order token that is none', { order: '../../etc' }, '/order order'],
  ];
  for (const [name, changes, expected] of refused)
    it(`is told what is wrong: ${name}`, async () => {
      const { status, body, headers } = await front.post(orderBody(changes));
      expect(status).toBe(422);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(body.code).toBe('invalid_request');
      const errors = body.errors!;
      expect(errors.map(({ pointer, code }) => `${pointer} ${code}`)).toContain(expected);
      for (const { detail } of errors) expect(detail.length).toBeGreaterThan(5);
    });

  it('may list 500 people, not 501', async () => {
    const people = (n: number) =>
      Array.from({ length: n }, (_, index) => ({
        name: `Person ${index}`,
        email: `p${index}@many.example`,
        role: 'information_manager',
      }));
    // Of the plans only this one has seats for so many.
    const order = (n: number) => orderBody({ plan: 'enterprise', stakeholders: people(n) });
    expect((await front.post(order(500))).status).toBe(201);
    const { status, body } = await front.post(order(501));
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ pointer: '/stakeholders', code: 'too_many', limit: 500 }]);
  });

  it('may be written in any script', async () => {
    const names = ['مهندس المشروع', '桥梁 🌉', '<script>alert(1)</script>', "Robert'); drop table orders;--"];
    const stakeholders = names.map((name, index) => ({
      name,
      email: `n${index}@any.example`,
      role: 'information_manager',
    }));
    const { status, body } = await front.post(orderBody({ stakeholders }));
    expect(status).toBe(201);
    const { rows } = await front.db.query<{ name: string }>(
      'select s.name from stakeholders s join orders o on o.project_id = s.project_id where o.id = $1 order by position',
      [front.session(body.session_id).metadata!.order_id],
    );
    expect(rows.map(({ name }) => name)).toEqual(names);
  });

  it('has a stated answer for a body that cannot be read', async () => {
    const text = (body: string | Uint8Array, headers = {}) => front.post(body, headers);
    expect(await text('{')).toMatchObject({ status: 400, body: { code: 'body_not_json' } });
    expect(await text(new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({
      status: 400,
      body: { code: 'body_not_utf8' },
    });
    expect(await text('{}', { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
      body: { code: 'unsupported_media_type' },
    });
    expect(await text(`"${'x'.repeat(600_000)}"`)).toMatchObject({
      status: 413,
      body: { code: 'body_too_large' },
    });
    expect(await text('{}', { 'content-encoding': 'zip' })).toMatchObject({ status: 415 });
    expect(await text('[]')).toMatchObject({ status: 422 });
    const poisoned = JSON.stringify(orderBody()).replace('{', '{"__proto__":{"plan":"starter"},');
    expect(await text(poisoned)).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
  });
});
