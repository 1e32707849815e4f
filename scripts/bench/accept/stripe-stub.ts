/** Stands in for Stripe's reads: an account, customers without a subscription, and any invoice as paid. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { say } from './child.ts';

const server = createServer((req, res) => {
  const { pathname } = new URL(req.url ?? '/', 'http://stub');
  const id = pathname.split('/')[3];
  const body =
    pathname === '/v1/account'
      ? { id: 'acct_bench', object: 'account' }
      : id === undefined
        ? { object: 'list', data: [], has_more: false, url: pathname }
        : pathname.startsWith('/v1/customers/')
          ? { id, object: 'customer', name: 'Bench Ltd', email: 'bench@example.com', invoice_settings: {} }
          : invoice(id);
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
server.listen(0, '127.0.0.1', () =>
  say({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
);

function invoice(id: string): Record<string, unknown> {
  return {
    id,
    object: 'invoice',
    parent: null,
    number: null,
    status: 'paid',
    billing_reason: 'manual',
    currency: 'usd',
    amount_due: 25_000,
    amount_paid: 25_000,
    total: 25_000,
    attempt_count: 1,
    next_payment_attempt: null,
    collection_method: 'charge_automatically',
    pre_payment_credit_notes_amount: 0,
    post_payment_credit_notes_amount: 0,
    hosted_invoice_url: null,
    invoice_pdf: null,
    created: 1_780_000_000,
    status_transitions: { paid_at: 1_780_000_100 },
    lines: { object: 'list', data: [], has_more: false },
  };
}
