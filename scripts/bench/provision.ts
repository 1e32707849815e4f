/**
 * How fast a paid customer becomes real when every outside call takes 50 ms: how many such calls follow one another,
 * how much we add to them, how many go to the ERP, and how many customers a single connector makes in parallel.
 * The connector runs in its own process on PostgreSQL, the sandbox in this one.
 * Options: --customers=n (default 200).
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { TracedCall } from '../sandbox/trace.ts';
import { criticalPath } from './provision/critical-path.ts';
import { startStage } from './provision/stage.ts';

const DELAY_MS = 50;
/** The production connection cap of the ERP adapter. */
const ERP_CAP = 8;
/** Runs worked on at once. */
const RUN_SLOTS = 20;
const MOST_DEEP = 10;
const MOST_ERP_TRIPS = 14;
/** The look, every 15 s, for what staff have asked is nobody's run. */
const STAFF_REQUESTS = 'x_stripe_request.search_read';

export async function main(options: readonly string[]): Promise<void> {
  const customers = Number(options.find((each) => each.startsWith('--customers='))?.split('=')[1] ?? 200);
  const stage = await startStage();
  try {
    // Warm: sessions, caches, compiled code.
    for (let round = 0; round < 5; round += 1) await stage.finished(await stage.buy(1));
    const single = await measureSingle(stage);
    const crowd = await measureCrowd(stage, customers, single);
    console.log(JSON.stringify({ single: single.figures, crowd }));
  } finally {
    await stage.stop();
  }
}

type Stage = Awaited<ReturnType<typeof startStage>>;

async function measureSingle(stage: Stage) {
  stage.world.delay('*', DELAY_MS);
  // The median of nine: one run meets a collection or a scan now and then.
  const rounds = [];
  for (let round = 0; round < 9; round += 1) {
    const sessions = await buyAhead(stage, 1);
    stage.world.trace.start();
    await stage.release();
    await stage.finished(sessions);
    // The record's last word (provisioned) goes out after the run's end and belongs to it.
    await sleep(500);
    const calls = stage.world.trace.stop().filter(({ operation }) => operation !== STAFF_REQUESTS);
    rounds.push({ calls, wallMs: span(calls), path: criticalPath(calls) });
  }
  stage.world.delay('*', 0);
  rounds.sort((a, b) => a.wallMs - b.wallMs);
  const { calls, wallMs, path } = rounds[4]!;
  const trips = calls.filter((call) => call.system === 'odoo');
  console.log(`One after another (${path.length} of at most ${MOST_DEEP}):`);
  for (const call of path) console.log(`  ${call.system} ${call.operation}`);
  console.log(`To the ERP (${trips.length} of at most ${MOST_ERP_TRIPS}):`);
  for (const call of trips) console.log(`  ${call.operation}`);
  const ratio = wallMs / (path.length * DELAY_MS);
  console.log(
    `Wall ${wallMs.toFixed(0)} ms = ${ratio.toFixed(2)} × ${path.length} × ${DELAY_MS} ms (at most 1.25)\n`,
  );
  return {
    figures: { depth: path.length, wallMs: Math.round(wallMs), ratio: round2(ratio), erpTrips: trips.length },
    wallMs,
    erpTrips: trips.length,
  };
}

async function measureCrowd(stage: Stage, customers: number, single: { wallMs: number; erpTrips: number }) {
  const sessions = await buyAhead(stage, customers);
  stage.world.delay('*', DELAY_MS);
  const cpu = stage.cpuMs();
  const began = performance.now();
  stage.world.trace.start();
  await stage.release();
  await stage.finished(sessions);
  const seconds = (performance.now() - began) / 1000;
  stage.world.delay('*', 0);
  const used = stage.cpuMs();
  const erp = erpUse(stage.world.trace.stop(), seconds);
  const perCustomer = {
    connector: Math.round((used.connector - cpu.connector) / customers),
    sandbox: Math.round((used.sandbox - cpu.sandbox) / customers),
  };
  const rate = customers / seconds;
  const bound = Math.min(RUN_SLOTS / (single.wallMs / 1000), ERP_CAP / ((single.erpTrips * DELAY_MS) / 1000));
  console.log(
    `${customers} customers at once: ${rate.toFixed(1)}/s in ${seconds.toFixed(1)} s = ${(rate / bound).toFixed(2)} × ${bound.toFixed(1)}/s (at least 0.8)`,
  );
  console.log(
    `ERP: ${erp.calls} calls of ${erp.meanMs} ms on average, ${erp.atOnce} of ${ERP_CAP} connections busy`,
  );
  console.log(`CPU ms a customer: connector ${perCustomer.connector}, sandbox ${perCustomer.sandbox}`);
  return {
    customers,
    cpuMs: perCustomer,
    perSecond: round2(rate),
    bound: round2(bound),
    ratio: round2(rate / bound),
  };
}

/**
 * Buys without our hearing of the money yet. An opportunity is the checkout's work, not the run's: each stands in the ERP
 * with its first note before anything is measured.
 */
async function buyAhead(stage: Stage, customers: number) {
  const opened = () =>
    stage.world.systems.odoo
      .records('mail.message')
      .filter((each) => String(each.body).includes('payment page opened')).length;
  const before = opened();
  const sessions = await stage.buy(customers, { held: true });
  while (opened() < before + customers) await sleep(50);
  return sessions;
}

/** How the ERP's connections were used: what is not busy is our own time between two calls. */
function erpUse(calls: readonly TracedCall[], seconds: number) {
  const erp = calls.filter((call) => call.system === 'odoo');
  const busyMs = erp.reduce((sum, call) => sum + call.to - call.from, 0);
  return {
    calls: erp.length,
    meanMs: round2(busyMs / erp.length),
    atOnce: round2(busyMs / 1000 / seconds),
  };
}

/** From the first call after the payment's webhooks to the last answer. */
function span(calls: readonly { from: number; to: number }[]): number {
  return Math.max(...calls.map((call) => call.to)) - Math.min(...calls.map((call) => call.from));
}

const round2 = (value: number): number => Math.round(value * 100) / 100;
