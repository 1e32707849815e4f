/**
 * kill -9 on the way from a failed payment to the mail, the task, the suspension and, once paid, back: another process
 * goes on, and in the end each was done once; a second copy of a mail only where the server's answer went unrecorded.
 */
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createStripe } from '../../connector/stripe/client.ts';
import { eventually } from '../support/connector.ts';
import type { KillPoint } from './point.ts';
import { type Instance, openScene, type Scene } from './scene.ts';

const DECLINES = '4000000000000341';

/** All that the shipped policy does in twelve days, on one. */
const POLICY = {
  noticeDays: 0,
  recoveredMail: 'after_mail',
  steps: [
    { name: 'mail', day: 0, mail: 'payment-failed' },
    { name: 'call', day: 0, activity: { summary: 'Payment failed: call', days: 1 } },
    { name: 'access', day: 0, suspend: 'access', mail: 'suspended' },
  ],
  disputes: { activity: { summary: 'Disputed' }, suspend: 'never', afterLost: 'keep' },
  refunds: {},
};

interface Strike extends KillPoint {
  /** When the process begins that dies: before the payment fails, or before it comes after all. */
  readonly at: 'failure' | 'recovery';
  /** A mail was taken by the server and not recorded: it goes out again, the same. */
  readonly secondCopy?: true;
}

/** Of the two mails: not the one that confirmed the purchase. */
const TOLD = /^(Access to .* is suspended|Payment received: Harbour Tower)$/;

const STEP = '^update dunning_steps set done_at = coalesce';
const MAIL = '^update mails set status';

const STRIKES: readonly Strike[] = [
  {
    name: 'steps planned, not committed',
    at: 'failure',
    statement: '^insert into dunning_steps',
    when: 'before',
  },
  {
    name: 'steps planned, job not sent',
    at: 'failure',
    statement: '^insert into dunning_steps',
    when: 'committed',
  },
  {
    name: 'suspended, its step not done',
    at: 'failure',
    statement: '^insert into suspensions',
    when: 'committed',
  },
  {
    name: 'activity in the ERP, not recorded',
    at: 'failure',
    statement: STEP,
    params: ['"activity":"opened"'],
    when: 'before',
  },
  {
    name: 'mail taken, not recorded',
    at: 'failure',
    statement: MAIL,
    params: ['^dunning_.*_access$'],
    when: 'before',
    secondCopy: true,
  },
  {
    name: 'mail recorded, step not',
    at: 'failure',
    statement: STEP,
    params: ['"mail":"sent"'],
    when: 'before',
  },
  {
    name: 'paid, suspension not lifted',
    at: 'recovery',
    statement: '^update suspensions set lifted',
    when: 'before',
  },
  {
    name: 'paid, suspension lifted',
    at: 'recovery',
    statement: '^update suspensions set lifted',
    when: 'committed',
  },
  {
    name: 'activity closed, not recorded',
    at: 'recovery',
    statement: '^update dunning_steps set outcome',
    when: 'before',
  },
  {
    name: 'mail that all is well taken, not recorded',
    at: 'recovery',
    statement: MAIL,
    params: ['^dunning_.*_recovered$'],
    when: 'before',
    secondCopy: true,
  },
];

let scene: Scene | undefined;
afterAll(async () => scene?.close());

it('unpaid money after kill -9: mailed, called, suspended and given back once', {
  timeout: 400_000,
}, async () => {
  scene = await openScene('postgres');
  const { world } = scene;
  const mappings = join(mkdtempSync(join(tmpdir(), 'mappings-')), 'mappings');
  cpSync(new URL('../../mappings', import.meta.url), mappings, { recursive: true });
  writeFileSync(join(mappings, 'dunning.json'), JSON.stringify(POLICY));
  const stripe = createStripe({ secretKey: world.env.STRIPE_SECRET_KEY!, apiUrl: world.env.STRIPE_API_URL! });

  const start = async (point: KillPoint | null = null): Promise<Instance> => {
    const instance = await scene!.start({ point }, { front: true, env: { MAPPINGS_DIR: mappings } });
    await instance.ready;
    return instance;
  };
  const rows = <T>(sql: string, params: readonly unknown[]): Promise<readonly T[]> =>
    scene!.withDatabase(async (db) => (await db.query<T & Record<string, unknown>>(sql, [...params])).rows);

  /** A paid customer of ours, provisioned. */
  async function customer() {
    const { sessionId, contact } = await scene!.buy();
    const { subscription } = await stripe.checkout.sessions.retrieve(sessionId);
    const access = 'select 1 from subscriptions where provider_id = $1 and access = $2';
    await eventually(
      'it is provisioned',
      async () => (await rows(access, [subscription, 'provisioned'])).length > 0,
      120_000,
    );
    return { sub: subscription as string, contact };
  }
  type Bought = Awaited<ReturnType<typeof customer>>;

  /** More seats at once, with a card that declines: past due, and an open invoice. */
  async function fail({ sub }: Bought): Promise<string> {
    world.systems.stripe.replaceCard(sub, DECLINES);
    const { items } = await stripe.subscriptions.retrieve(sub);
    const changed = await stripe.subscriptions.update(sub, {
      items: [{ id: items.data[0]!.id, quantity: 5 }],
      proration_behavior: 'always_invoice',
    });
    expect(changed.status).toBe('past_due');
    return changed.latest_invoice as string;
  }
  const settled = (about: string, steps: number) =>
    eventually(`${steps} steps are done`, async () => {
      const found = await rows<{ done: boolean }>(
        'select done_at is not null as done from dunning_steps where about = $1',
        [about],
      );
      return found.length === steps && found.every(({ done }) => done);
    });

  const wrong: unknown[] = [];
  let healthy = await start();
  const customers = await Promise.all(STRIKES.map(customer));
  for (const [at, strike] of STRIKES.entries()) {
    const bought = customers[at]!;
    const { sub, contact } = bought;
    let about: string;
    let doomed: Instance;
    if (strike.at === 'failure') {
      await healthy.stop();
      doomed = await start(strike);
      about = await fail(bought);
    } else {
      about = await fail(bought);
      await settled(about, 3);
      await healthy.stop();
      doomed = await start(strike);
      world.systems.stripe.payInvoice(about);
    }
    expect(await doomed.gone, strike.name).toBe('SIGKILL');
    healthy = await start();
    if (strike.at === 'failure') {
      await settled(about, 3);
      world.systems.stripe.payInvoice(about);
    }
    await settled(about, 4);
    await eventually('access is back', async () => {
      const [row] = await rows<{ access: string }>(
        'select access from subscriptions where provider_id = $1',
        [sub],
      );
      return row?.access === 'provisioned';
    });

    const mails = (await world.systems.mail.to(contact)).filter(({ subject }) => TOLD.test(subject));
    const copies = Map.groupBy(mails, ({ messageId }) => messageId);
    const texts = [...copies.values()].map((same) => new Set(same.map(({ text }) => text)).size);
    const activities = world.systems.odoo
      .records('mail.activity')
      .filter(({ note }) => String(note).includes(contact)).length;
    const held = await rows('select 1 from suspensions where about = $1 and lifted_at is null', [about]);
    const found = { mails: copies.size, copies: mails.length, texts, activities, held: held.length };
    const expected = {
      mails: 2,
      copies: strike.secondCopy ? 3 : 2,
      texts: [1, 1],
      activities: 0,
      held: 0,
    };
    if (JSON.stringify(found) !== JSON.stringify(expected)) wrong.push({ at: strike.name, found, expected });
  }
  await healthy.stop();
  expect(wrong).toEqual([]);
});
