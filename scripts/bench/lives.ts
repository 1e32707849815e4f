/**
 * Whole lives of customers, two months each: bought, changed, failed, left, come back; events doubled, shuffled, lost
 * and fetched later; the connector killed on the way. Limit: every one ends as Stripe says.
 * Options: --lives=n (default 1,000), --seed=n of the first (default 1): a failing one lives again alone by
 * --lives=1 --seed=n.
 */
import { openDatabase } from '../../connector/db/open.ts';
import { openPostgres } from '../../connector/db/postgres.ts';
import { type LivesResult, live } from '../../test/chaos/lives/live.ts';
import { startPostgresServer } from '../../test/support/postgres-server.ts';

/** In one world: more would only share buckets. */
const TOGETHER = 50;

export async function main(options: readonly string[]): Promise<void> {
  const number = (name: string, otherwise: number): number =>
    Number(options.find((each) => each.startsWith(`--${name}=`))?.split('=')[1] ?? otherwise);
  const lives = number('lives', 1_000);
  const first = number('seed', 1);
  const begun = performance.now();
  const results: LivesResult[] = [];
  const server = await startPostgresServer();
  for (let at = 0; at < lives; at += TOGETHER) {
    const seeds = Array.from({ length: Math.min(TOGETHER, lives - at) }, (_, each) => first + at + each);
    const result = await together(server.url, seeds);
    results.push(result);
    for (const { life, wrong } of result.failures) console.log(`${life}\n  ${wrong.join('\n  ')}`);
    console.log(
      `${at + seeds.length} of ${lives}: ${JSON.stringify(result.done)} ${JSON.stringify(result.refused)} ${JSON.stringify(result.told)}`,
    );
  }
  await server.stop();
  const sum = (of: (result: LivesResult) => number) => results.reduce((all, each) => all + of(each), 0);
  const failed = sum(({ failures }) => failures.length);
  console.log(
    JSON.stringify({
      lives,
      failed,
      events: sum(({ events }) => events),
      kills: sum(({ kills }) => kills),
      dropped: sum(({ dropped }) => dropped),
      doubled: sum(({ doubled }) => doubled),
      mails: sum(({ mails }) => mails),
      seconds: Math.round((performance.now() - begun) / 1000),
      ok: failed === 0,
    }),
  );
  if (failed > 0) process.exitCode = 1;
}

async function together(server: string, seeds: readonly number[]): Promise<LivesResult> {
  const admin = await openPostgres({ url: server, maxConnections: 1 });
  const name = `lives_${seeds[0]}`;
  await admin.query(`create database ${name}`);
  const databaseUrl = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  const db = await openDatabase({ url: databaseUrl });
  try {
    return await live({ seeds, databaseUrl, db });
  } finally {
    await db.close();
    await admin.query(`drop database ${name} with (force)`);
    await admin.close();
  }
}
