/** Whose checkout it is: a stranger changes nothing that exists, an organisation that proves itself buys once more. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueOrganisationToken } from '../../connector/billing/organisation-token.ts';
import { CONNECTOR_SECRET, orderBody } from '../support/front.ts';
import { type CheckoutScene, key, pointers, startCheckout } from './checkout-scene.ts';

let front: CheckoutScene;
beforeAll(async () => {
  front = await startCheckout();
});
afterAll(() => front?.stop());
describe('a stranger', () => {
  it('who names an existing company and its people changes nothing that exists', async () => {
    const request = orderBody();
    const first = await front.post(request);
    front.pay(first.body.session_id);
    const customerId = await front.sync(first.body.session_id);
    const snapshot = async () => {
      const { rows } = await front.db.query(
        `select g.*, p.name as project, o.state, o.plan_key, c.version from organisations g
         join projects p on p.organisation_id = g.id join orders o on o.organisation_id = g.id
         join customers c on c.id = g.provider_customer_id where g.provider_customer_id = $1`,
        [customerId],
      );
      return JSON.stringify([
        rows,
        front.world.systems.stripe.customers().find(({ id }) => id === customerId),
      ]);
    };
    const before = await snapshot();
    const stranger = await front.post({ ...request, plan: 'starter' });
    expect(stranger.status).toBe(201);
    expect(await snapshot()).toBe(before);
    const made = front.session(stranger.body.session_id);
    expect(made.customer).not.toBe(customerId);
    const { rows } = await front.db.query<{ like: number; original: number }>(
      `select n.looks_like_duplicate_of as like, o.id as original from organisations n, organisations o
       where n.provider_customer_id = $1 and o.provider_customer_id = $2`,
      [made.customer, customerId],
    );
    expect(rows[0]!.like).toBe(rows[0]!.original);
  });

  it('is flagged by VAT id or e-mail domain, not by a public mail provider', async () => {
    const flagOf = async (organisation: object) => {
      const { body } = await front.post(orderBody({ organisation }));
      const { rows } = await front.db.query<{ flag: number | null; id: number }>(
        `select looks_like_duplicate_of as flag, id from organisations where provider_customer_id = $1`,
        [front.session(body.session_id).customer],
      );
      return rows[0]!;
    };
    const base = { country: 'DE', contact_name: 'A', contact_email: 'a@first-one.example' };
    const original = await flagOf({ ...base, name: 'First One', vat_id: 'DE 123.456.789' });
    expect(original.flag).toBeNull();
    const byVat = await flagOf({
      ...base,
      name: 'Other',
      vat_id: 'de123456789',
      contact_email: 'b@second.example',
    });
    expect(byVat.flag).toBe(original.id);
    expect((await flagOf({ ...base, name: 'Third', contact_email: 'x@FIRST-ONE.example' })).flag).toBe(
      original.id,
    );
    expect((await flagOf({ ...base, name: 'Mail A', contact_email: 'm@gmail.com' })).flag).toBeNull();
    expect((await flagOf({ ...base, name: 'Mail B', contact_email: 'n@gmail.com' })).flag).toBeNull();
  });

  it('gains nothing with a forged, expired or unpaid proof', async () => {
    const { body } = await front.post(orderBody());
    const signer = { connectorSecrets: [CONNECTOR_SECRET], now: front.world.clock.now };
    const other = { ...signer, connectorSecrets: [Buffer.alloc(32, 9).toString('base64')] };
    for (const token of [
      body.order,
      issueOrganisationToken(other, 1),
      issueOrganisationToken(signer, 1, -1),
      issueOrganisationToken(signer, 999_999),
      `${issueOrganisationToken(signer, 1)}x`.replace('org.1', 'org.2'),
    ])
      expect(await front.post(orderBody(), { authorization: `Bearer ${token}` })).toMatchObject({
        status: 401,
        body: { code: 'token_refused' },
      });
    expect((await front.post(orderBody(), { authorization: 'Basic x' })).status).toBe(401);
  });
});

describe('a known organisation', () => {
  it('buys a second project by the token of its paid order: same organisation, same customer', async () => {
    const { token, customerId } = await front.paidOrder();
    const { organisation: _, ...request } = orderBody({ project: { name: 'Second', code: 'P-2' } });
    const organisations = await front.count('organisations');
    const { status, body } = await front.post(request, { authorization: `Bearer ${token}` });
    expect(status).toBe(201);
    expect(front.session(body.session_id).customer).toBe(customerId);
    expect(await front.count('organisations')).toBe(organisations);
  });

  it('keeps its own name whatever the request claims', async () => {
    const { token, customerId } = await front.paidOrder();
    const before = JSON.stringify(front.world.systems.stripe.customers().find(({ id }) => id === customerId));
    const request = orderBody({ project: { name: 'Third', code: 'P-3' } });
    const first = await front.post(request, { authorization: `Bearer ${token}` });
    await front.post({ ...request, plan: 'starter', order: first.body.order });
    expect(JSON.stringify(front.world.systems.stripe.customers().find(({ id }) => id === customerId))).toBe(
      before,
    );
    const { rows } = await front.db.query<{ name: string }>(
      'select name from organisations where provider_customer_id = $1',
      [customerId],
    );
    expect(rows[0]!.name).not.toBe((request.organisation as { name: string }).name);
  });

  it('is known by a signed organisation token too', async () => {
    const { customerId } = await front.paidOrder();
    const { rows } = await front.db.query<{ id: number }>(
      'select id from organisations where provider_customer_id = $1',
      [customerId],
    );
    const token = issueOrganisationToken(
      { connectorSecrets: [CONNECTOR_SECRET], now: front.world.clock.now },
      rows[0]!.id,
    );
    const { organisation: _, ...request } = orderBody();
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': key() };
    const { body } = await front.post(request, headers);
    expect(front.session(body.session_id).customer).toBe(customerId);
    expect((await front.post(request, headers)).body).toEqual(body);
  });

  it('has one customer at Stripe, though the first try to make it ended in an error', async () => {
    const request = orderBody();
    const headers = { 'idempotency-key': key() };
    const customers = front.world.systems.stripe.customers().length;
    front.world.systems.stripe.failNext('POST /v1/customers');
    expect((await front.post(request, headers)).status).toBe(503);
    const { rows } = await front.db.query<{ id: number }>('select max(id) as id from organisations');
    const token = issueOrganisationToken(
      { connectorSecrets: [CONNECTOR_SECRET], now: front.world.clock.now },
      rows[0]!.id,
    );
    const bearer = { authorization: `Bearer ${token}` };
    // Another order of it starts where the first one's try left off: Stripe would only repeat that error.
    const both = await Promise.all([
      front.post(request, headers),
      front.post(orderBody(), bearer),
      front.post(orderBody(), bearer),
    ]);
    expect(both.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(front.world.systems.stripe.customers()).toHaveLength(customers + 1);
    expect(new Set(both.map(({ body }) => front.session(body.session_id).customer)).size).toBe(1);
  });

  it('must be proven: without a token an organisation is required', async () => {
    const { organisation: _, ...request } = orderBody();
    const { status, body } = await front.post(request);
    expect(status).toBe(422);
    expect(pointers(body)).toEqual(['/organisation']);
  });
});
