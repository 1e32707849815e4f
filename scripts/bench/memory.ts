/**
 * Resident memory of the connector's process on PostgreSQL: after 10,000 accepted and synced events, and after 10,000
 * more. Limits: 200 MB, and no growth beyond what a garbage collector's moods make (5 %).
 */
import { readFileSync } from 'node:fs';
import { openPostgres } from '../../connector/db/postgres.ts';
import { startPostgresServer } from '../../test/support/postgres-server.ts';
import { startChild } from './accept/child.ts';
import { startService } from './accept/service.ts';

const EVENTS = 10_000;
const SECRET = 'whsec_benchmark';

export async function main(): Promise<void> {
  const postgres = await startPostgresServer({ durable: true });
  const stripe = await startChild<{ url: string }>('stripe-stub.ts', {});
  const url = await freshDatabase(postgres.url);
  const connector = await startService({ url, secret: SECRET, stripeUrl: stripe.ready.url });
  const db = await openPostgres({ url, maxConnections: 1 });
  const rssMb: number[] = [];
  try {
    console.log(`at start: ${residentMb(connector.pid)} MB`);
    for (let block = 1; block <= 2; block++) {
      const settings = { port: connector.port, secret: SECRET, connections: 10, count: EVENTS };
      await (await startChild('load.ts', settings)).stop();
      const accepted = residentMb(connector.pid);
      while ((await count(`state = 'done'`)) < block * EVENTS) {
        if ((await parked()) > 0)
          throw new Error('a customer is parked: the stand-in for Stripe lacks something');
        await pause(250);
      }
      rssMb.push(residentMb(connector.pid));
      console.log(
        `${block * EVENTS} events: ${accepted} MB when accepted, ${rssMb.at(-1)} MB when all are synced`,
      );
    }
  } finally {
    await connector.stop();
    await db.close();
    await stripe.stop();
    await postgres.stop();
  }
  const [first, second] = rssMb as [number, number];
  console.log(JSON.stringify({ rssMb, ok: first <= 200 && second <= first * 1.05 }));

  async function count(condition: string): Promise<number> {
    const { rows } = await db.query<{ n: number }>(`select count(*) as n from events where ${condition}`);
    return rows[0]!.n;
  }

  async function parked(): Promise<number> {
    const { rows } = await db.query<{ n: number }>(
      'select count(*) as n from customers where parked_at is not null',
    );
    return rows[0]!.n;
  }
}

/** VmRSS of Linux' /proc: what `ps` shows. */
function residentMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1];
  return Math.round(Number(kb) / 1024);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function freshDatabase(url: string): Promise<string> {
  const admin = await openPostgres({ url, maxConnections: 1 });
  await admin.query('create database memory');
  await admin.close();
  const own = new URL(url);
  own.pathname = '/memory';
  return own.href;
}
