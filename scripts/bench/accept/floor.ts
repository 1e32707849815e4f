/** The least a webhook can do: bare node:http, an HMAC check, one INSERT of the raw event. The measure for ours. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { say, settings } from './child.ts';

const { url, secret, connections } = settings<{ url: string; secret: string; connections: number }>();
const pool = new pg.Pool({ connectionString: url, max: connections });
await pool.query('create table if not exists raw_events (seq bigserial primary key, payload text not null)');

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', async () => {
    const body = Buffer.concat(chunks);
    const [, timestamp, signature] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(req.headers['stripe-signature'])) ?? [];
    const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
    if (signature === undefined || !timingSafeEqual(expected, Buffer.from(signature, 'hex'))) {
      return res.writeHead(400).end();
    }
    await pool.query('insert into raw_events (payload) values ($1)', [body.toString('utf8')]);
    res.writeHead(200, { 'content-type': 'application/json' }).end('{"received":true}');
  });
});
server.listen(0, '127.0.0.1', () => say({ port: (server.address() as AddressInfo).port }));
