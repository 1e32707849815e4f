/**
 * How fast events are accepted, against the least that could be done (accept/floor.ts) on the same PostgreSQL with the
 * same pool and durability. Rounds of both are interleaved, so that the machine's moods meet both alike.
 * Options: --rounds=n (default 9), --scale=x (events per round, default 1).
 */

import { openPostgres } from '../../connector/db/postgres.ts';
import { startPostgresServer } from '../../test/support/postgres-server.ts';
import { type Child, startChild } from './accept/child.ts';
import { startFlags } from './accept/start-flags.ts';

const SECRET = 'whsec_benchmark';
const POOL = 10;
/** Deliveries of one round, by number of connections: about a second each; fewer where lanes must be waited for. */
const COUNTS = [
  { connections: 1, held: 600, running: 300 },
  { connections: 10, held: 2_000, running: 700 },
  { connections: 50, held: 3_000, running: 1_000 },
] as const;

interface Round {
  readonly ms: number;
  readonly refused: number;
  readonly latencies: readonly number[];
}

interface Figures {
  readonly perSecond: number;
  readonly p99: number;
}

export async function main(options: readonly string[]): Promise<void> {
  const rounds = numberOption(options, 'rounds', 9);
  const scale = numberOption(options, 'scale', 1);
  const postgres = await startPostgresServer({ durable: true });
  console.log(`${postgres.origin}, synchronous_commit on, pool of ${POOL}`);
  const stripe = await startChild<{ url: string }>('stripe-stub.ts', {});
  const ratios: unknown[] = [];
  try {
    for (const lanes of ['held', 'running'] as const) {
      const floor = await startServer('floor.ts', {
        url: await freshDatabase(postgres.url, `floor_${lanes}`),
      });
      const ours = await startServer('ours.ts', {
        url: await freshDatabase(postgres.url, `ours_${lanes}`),
        ...(lanes === 'running' && { stripeUrl: stripe.ready.url }),
      });
      await warmUp([floor, ours]);
      if (lanes === 'running') await drained(ours);
      for (const { connections, ...counts } of COUNTS) {
        const figures: Record<'floor' | 'ours', Figures[]> = { floor: [], ours: [] };
        for (let round = 0; round < rounds; round++) {
          const pair = [
            ['floor', floor],
            ['ours', ours],
          ] as const;
          for (const [name, server] of round % 2 === 0 ? pair : [...pair].reverse()) {
            figures[name].push(
              figuresOf(await load(server, { connections, count: Math.round(counts[lanes] * scale) })),
            );
            // The floor must not be measured while our lanes still work off a backlog beside it.
            if (lanes === 'running' && name === 'ours') await drained(ours);
          }
        }
        ratios.push(report({ lanes, connections, ...figures }));
      }
      await floor.stop();
      await ours.stop();
    }
  } finally {
    await stripe.stop();
    await postgres.stop();
  }
  console.log(JSON.stringify({ ratios }));
}

type Server = Child<{ port: number }>;

const startServer = (file: string, more: { url: string; stripeUrl?: string }): Promise<Server> =>
  startChild(file, { secret: SECRET, connections: POOL, ...more }, file === 'ours.ts' ? startFlags() : []);

async function load(server: Server, input: { connections: number; count: number }): Promise<Round> {
  const generator = await startChild<Round>('load.ts', { port: server.ready.port, secret: SECRET, ...input });
  await generator.stop();
  if (generator.ready.refused > 0)
    throw new Error(`${generator.ready.refused} deliveries were not answered with 200`);
  return generator.ready;
}

async function warmUp(servers: readonly Server[]): Promise<void> {
  for (const server of servers) await load(server, { connections: 10, count: 2_000 });
}

async function drained(ours: Server): Promise<void> {
  while ((await ours.ask<{ open: number }>('open')).open > 0)
    await new Promise((resolve) => setTimeout(resolve, 200));
}

async function freshDatabase(url: string, name: string): Promise<string> {
  const admin = await openPostgres({ url, maxConnections: 1 });
  await admin.query(`create database ${name}`);
  await admin.close();
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}

function figuresOf(round: Round): Figures {
  const sorted = [...round.latencies].sort((a, b) => a - b);
  return { perSecond: (sorted.length / round.ms) * 1000, p99: sorted[Math.floor(sorted.length * 0.99)]! };
}

/** Each figure is the median over the rounds: one round beside a busy neighbour must not decide. */
function report(input: { lanes: string; connections: number; floor: Figures[]; ours: Figures[] }) {
  const middle = (rounds: readonly Figures[]): Figures => ({
    perSecond: median(rounds.map((round) => round.perSecond)),
    p99: median(rounds.map((round) => round.p99)),
  });
  const floor = middle(input.floor);
  const ours = middle(input.ours);
  for (const [name, { perSecond, p99 }] of Object.entries({ floor, ours })) {
    console.log(
      `lanes ${input.lanes}, ${input.connections} connections, ${name}: ${perSecond.toFixed(0)}/s, p99 ${p99.toFixed(1)} ms`,
    );
  }
  // A round and its neighbour met the same machine: their ratio is steadier than the ratio of two totals.
  const ratio = (of: (figures: Figures) => number) =>
    Math.round(100 * median(input.ours.map((round, i) => of(round) / of(input.floor[i]!)))) / 100;
  return {
    connections: input.connections,
    lanes: input.lanes,
    ratio: ratio((figures) => figures.perSecond),
    p99Ratio: ratio((figures) => figures.p99),
  };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

function numberOption(options: readonly string[], name: string, fallback: number): number {
  const given = options.find((option) => option.startsWith(`--${name}=`));
  return given === undefined ? fallback : Number(given.slice(name.length + 3));
}
