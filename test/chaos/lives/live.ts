/**
 * Many lives at once in one world whose clock is moved through two months. Events come twice, shuffled, or not until
 * the backfill; the connector is killed while people act and while events come in, and another goes on.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadCatalogue } from '../../../connector/billing/plans.ts';
import type { Database } from '../../../connector/db/database.ts';
import { asConnectorError } from '../../../connector/errors.ts';
import { requestSync } from '../../../connector/inbox/pending.ts';
import { createLog } from '../../../connector/log.ts';
import { createStripe } from '../../../connector/stripe/client.ts';
import { createInvoicePayments } from '../../../connector/stripe/invoice-payments.ts';
import { createSubscriptionGateway } from '../../../connector/stripe/subscriptions.ts';
import { prepareInstallation } from '../../../scripts/demo/prepare.ts';
import { startWorld } from '../../../scripts/sandbox/world.ts';
import { type Customer, carryOut, type Hands } from './carry-out.ts';
import { type Command, type Kind, type Life, lifeOf, ROUND_MS, ROUNDS, told } from './life.ts';
import { type Mortal, startMortal } from './mortal.ts';
import { readOracle } from './oracle.ts';
import { createRandom } from './random.ts';
import { settled } from './settled.ts';

export interface LivesResult {
  readonly lives: number;
  readonly kills: number;
  /** Raw deliveries of mail. */
  readonly mails: number;
  readonly dropped: number;
  readonly doubled: number;
  readonly done: Readonly<Partial<Record<Kind, number>>>;
  /** By code, as the connector refused what was not possible. */
  readonly refused: Readonly<Record<string, number>>;
  /** Of each life that did not end as it should: what is wrong. */
  readonly failures: readonly { readonly life: string; readonly wrong: readonly string[] }[];
}

/** In these the connector dies while people act, and while events come in. */
const KILLED_ACTING = [4, 12];
const KILLED_TOLD = [0, 8];
const DROPPED = 0.2;
const DOUBLED = 0.2;
const BACKFILL_EVERY = 4;
const AT_ONCE = 8;

/** @param input.db fresh and migrated; closed by the caller */
export async function live(input: { seeds: readonly number[]; db: Database }): Promise<LivesResult> {
  const { seeds, db } = input;
  const lives = seeds.map(lifeOf);
  const random = createRandom(seeds[0] ?? 0);
  const world = await startWorld();
  const { stripe, mail } = world.systems;
  stripe.settings.signatureClock = 'sandbox';
  const now = world.clock.now;
  const env = {
    ...(await prepareInstallation({
      folder: mkdtempSync(join(tmpdir(), 'lives-')),
      env: world.env,
      publicUrl: 'http://127.0.0.1:9',
      log: createLog({ level: 'silent' }),
      print: () => {},
    })),
    TRUST_PROXY: 'loopback',
  } as Readonly<Record<string, string>>;
  const client = createStripe({ secretKey: env.STRIPE_SECRET_KEY!, apiUrl: env.STRIPE_API_URL });
  const catalogue = loadCatalogue('mappings/plans.json');
  const gateway = createSubscriptionGateway(client);
  const payments = createInvoicePayments(client);
  const instances: Mortal[] = [];
  let connector = await begin();
  const { rows } = await db.query<{ uuid: string }>('select uuid from installation');
  const installation = rows[0]!.uuid;
  const people = lives.map(
    ({ seed }, at): Customer => ({ seed, address: `10.3.${at >> 8}.${at & 255}`, id: null, contact: '' }),
  );
  const done: Partial<Record<Kind, number>> = {};
  const refused: Record<string, number> = {};
  const counts = { kills: 0, dropped: 0, doubled: 0 };

  async function begin(): Promise<Mortal> {
    const instance = await startMortal({ env, db, now });
    instances.push(instance);
    stripe.setWebhook(`${instance.url}/webhooks/stripe`, env.STRIPE_WEBHOOK_SECRET);
    return instance;
  }

  async function die(afterMs: number): Promise<void> {
    await sleep(afterMs);
    connector.kill();
    counts.kills += 1;
    connector = await begin();
  }

  function hands(): Hands {
    const { url, admin, db: own } = connector;
    return {
      world,
      url,
      deps: {
        db: own,
        catalogue,
        gateway,
        payments,
        installation,
        connectorSecrets: env.CONNECTOR_SECRET!.split(','),
        now,
        syncNow: (customerId) => requestSync(own, customerId, now()),
      },
      issueToken: async (organisationId) =>
        (await admin.request<{ token: string }>('POST', `/organisations/${organisationId}/token`)).token,
    };
  }

  async function act(customer: Customer, command: Command, round: number): Promise<void> {
    for (let tries = 0; tries < 5; tries += 1) {
      const instance = connector;
      try {
        const outcome = await carryOut(hands(), customer, { command, round });
        if (outcome) done[command.kind] = (done[command.kind] ?? 0) + 1;
        else refused.not_here_yet = (refused.not_here_yet ?? 0) + 1;
        return;
      } catch (thrown) {
        // Whoever gets no answer asks again; only somebody without any answer at all begins anew.
        if (instance.dead()) {
          while (connector === instance) await sleep(20);
          if (command.kind === 'subscribe' || command.kind === 'second') await sleep(50);
          continue;
        }
        const error = asConnectorError(thrown);
        if (!['permanent', 'conflict', 'absent'].includes(error.kind))
          throw new Error(`${command.kind}: ${error.code} ${error.message}`, { cause: thrown });
        refused[error.code] = (refused[error.code] ?? 0) + 1;
        return;
      }
    }
  }

  async function tell(): Promise<void> {
    const held = stripe.heldDeliveries();
    const drop = held.filter(() => random.chance(DROPPED)).map(({ id }) => id);
    const duplicate = held.filter(() => random.chance(DOUBLED)).map(({ id }) => id);
    counts.dropped += drop.length;
    counts.doubled += duplicate.length;
    await stripe.releaseDeliveries({ order: random.shuffled([...held.keys()]), drop, duplicate });
    stripe.holdDeliveries();
  }

  const backfill = (days: number) =>
    connector.admin.request('POST', '/backfill', {
      since: new Date(now().getTime() - days * 86_400_000).toISOString(),
    });

  async function round(number: number): Promise<void> {
    const dies = KILLED_ACTING.includes(number) ? die(random.whole(400)) : undefined;
    const queue = lives.map((life, at) => ({ life, customer: people[at]! }));
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift())
          for (const command of next.life.rounds[number]!) await act(next.customer, command, number);
      }),
    );
    await dies;
    await Promise.all([tell(), KILLED_TOLD.includes(number) ? die(random.whole(1_500)) : undefined]);
    if (number % BACKFILL_EVERY === BACKFILL_EVERY - 1) await backfill(20);
    // Every third time life goes on before everything is worked off.
    if (number % 3 !== 2) await settled(world, db);
    await world.clock.advance(ROUND_MS);
    await connector.admin.request('POST', '/lifecycle/tick');
  }

  try {
    stripe.holdDeliveries();
    for (let number = 0; number < ROUNDS; number += 1) await round(number);
    await stripe.releaseDeliveries();
    await stripe.deliveriesIdle();
    await backfill(29);
    await settled(world, db, { all: true });
    const judge = await readOracle({ world, db, kills: counts.kills });
    const failures = await Promise.all(
      lives.map(async (life: Life, at) => ({ life: told(life), wrong: await judge(people[at]!) })),
    );
    return {
      lives: lives.length,
      ...counts,
      mails: mail.count(),
      done,
      refused,
      failures: failures.filter(({ wrong }) => wrong.length > 0),
    };
  } finally {
    await Promise.all(instances.map((each) => each.stop()));
    await world.stop();
  }
}
