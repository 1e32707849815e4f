/** Signed deliveries of 3 to 9 KB, each about its own invoice and customer, ready to be written to a socket. */
import { createHmac, randomBytes } from 'node:crypto';

const LINES = 14;

export function makeDeliveries(input: { count: number; secret: string; port: number }): readonly Buffer[] {
  return Array.from({ length: input.count }, (_, index) => delivery(index, input));
}

function delivery(index: number, { secret, port }: { secret: string; port: number }): Buffer {
  const body = JSON.stringify(event(index));
  const t = Math.floor(Date.now() / 1000);
  const v1 = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
  return Buffer.from(
    `POST /webhooks/stripe HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\nAccept: */*\r\nCache-Control: no-cache\r\n` +
      `Stripe-Signature: t=${t},v1=${v1}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function event(index: number): unknown {
  const id = randomBytes(12).toString('hex');
  const created = Math.floor(Date.now() / 1000);
  return {
    id: `evt_${id}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created,
    type: index % 2 === 0 ? 'invoice.paid' : 'invoice.payment_succeeded',
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    data: {
      object: {
        id: `in_${id}`,
        object: 'invoice',
        customer: `cus_${id}`,
        status: 'paid',
        currency: 'usd',
        billing_reason: 'subscription_cycle',
        amount_due: 25_000,
        amount_paid: 25_000,
        total: 25_000,
        created,
        metadata: { project: 'Münchner Straße 7 – Neubau' },
        // One line is some 600 bytes: 4 to 14 of them make 3 to 9 KB.
        lines: {
          object: 'list',
          has_more: false,
          data: Array.from({ length: 4 + (index % (LINES - 3)) }, () => line(id)),
        },
      },
    },
  };
}

function line(id: string): unknown {
  return {
    id: `il_${id}`,
    object: 'line_item',
    amount: 25_000,
    currency: 'usd',
    description: '1 × Professional (at $500.00 / month) for the "North Wing" project',
    discount_amounts: [],
    discountable: true,
    livemode: false,
    period: { end: 1_790_000_000, start: 1_787_000_000 },
    parent: {
      type: 'subscription_item_details',
      subscription_item_details: {
        subscription: `sub_${id}`,
        subscription_item: `si_${id}`,
        proration: false,
      },
    },
    pricing: { price_details: { price: `price_${id}`, product: `prod_${id}` }, unit_amount_decimal: '25000' },
    quantity: 1,
    taxes: [],
  };
}
