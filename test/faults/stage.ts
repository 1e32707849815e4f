/** One world, one connector and one database for a file of fault cases, with clients that give up soon. */
import { expect } from 'vitest';
import { stepTitle } from '../../connector/provisioning/run-plans.ts';
import type { RunDetails } from '../../connector/provisioning/runs.ts';
import type { Fault, World } from '../../scripts/sandbox/world.ts';
import {
  type CheckoutReply,
  checkout,
  type Draft,
  draft,
  eventually,
  runOf,
  startConnector,
  type TestConnector,
} from '../support/connector.ts';
import type { TestDatabase } from '../support/database.ts';
import { openScene, type SceneOptions } from '../support/scene.ts';

/** Every way an outside system fails on the wire. */
export const KINDS = [
  'refused',
  'timeout',
  'reset_before',
  'reset_after',
  'rate_limited',
  'server_error',
  'html',
  'expired_token',
] as const satisfies readonly Fault['kind'][];

/** A client waits this long in these tests; the slowest honest answer of the sandbox takes a tenth of it. */
const GIVE_UP_MS = 1_500;
const TIMEOUTS = { stripe: GIVE_UP_MS, odoo: GIVE_UP_MS, b2: GIVE_UP_MS, bep: GIVE_UP_MS, smtp: GIVE_UP_MS };

export interface Stage {
  readonly world: World;
  readonly db: TestDatabase;
  readonly connector: TestConnector;
  stop(): Promise<void>;
}

export async function openStage(options: SceneOptions = {}): Promise<Stage> {
  const { world, db, connector, close } = await openScene({
    database: 'postgres',
    timeouts: TIMEOUTS,
    // Customers come from many addresses; the limit per address is not what these cases are about.
    ...options,
    env: { TRUST_PROXY: '1', ...options.env },
  });
  return {
    world,
    db,
    connector,
    async stop() {
      world.faults.clear();
      await close();
    },
  };
}

/** The same installation started once more, by `npm start` alone. */
export async function startAgain(stage: Stage): Promise<Stage> {
  const { world, db, connector } = stage;
  const again = await startConnector({ world, db, again: connector.env, timeouts: TIMEOUTS });
  return {
    ...stage,
    connector: again,
    async stop() {
      world.faults.clear();
      await again.stop();
      await db.close();
    },
  };
}

export interface Purchase {
  readonly body: Record<string, unknown>;
  readonly reply: CheckoutReply;
  readonly sessionId: string;
  readonly company: string;
  readonly contact: string;
  readonly people: readonly string[];
}

/** Fills the wizard's data in; nothing is paid yet. */
export async function order(stage: Stage, change: Draft = {}): Promise<Purchase> {
  const body = draft(change);
  const reply = await checkout(stage.connector.publicUrl, body, fromAnywhere());
  expect(reply.status, JSON.stringify(reply.body)).toBe(201);
  return purchaseOf(body, reply);
}

export function purchaseOf(body: Record<string, unknown>, reply: CheckoutReply): Purchase {
  const organisation = body.organisation as Record<string, string>;
  return {
    body,
    reply,
    sessionId: reply.body.session_id,
    company: organisation.name!,
    contact: organisation.contact_email!,
    people: (body.stakeholders as { email: string }[]).map((person) => person.email),
  };
}

let visitors = 0;

/** Each visitor has an address of their own. */
export function fromAnywhere(): Record<string, string> {
  visitors += 1;
  return { 'x-forwarded-for': `10.1.${visitors >> 8}.${visitors & 255}` };
}

export async function buy(stage: Stage, change: Draft = {}): Promise<Purchase> {
  const purchase = await order(stage, change);
  stage.world.systems.stripe.payCheckout(purchase.sessionId);
  return purchase;
}

export const ended = (
  stage: Stage,
  purchase: Purchase,
  statuses: readonly string[] = ['done'],
  withinMs = 25_000,
) => runOf(stage.connector, stage.db, purchase.sessionId, statuses, withinMs);

/** What a run's end leaves to the ERP's outbox, records and notes, is written as well. */
export const mirrored = (stage: Stage) =>
  eventually('the mirror has drained', async () => {
    const { rows } = await stage.db.query<{ n: number }>(
      'select ((select count(*) from erp_outbox) + (select count(*) from erp_notes))::int as n',
    );
    return rows[0]!.n === 0;
  });

/** A many2one reads as [id, name]. */
export const idOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);

export interface Once {
  /** Mails may come twice when an answer was lost after the mail was taken. */
  readonly mailTwice?: boolean;
  /** The welcome mail went without PDFs and they followed. */
  readonly late?: boolean;
}

/** The customer exists in every outside system, complete and once. */
export async function expectLivesOnce(
  stage: Stage,
  purchase: Purchase,
  run: RunDetails,
  { mailTwice = false, late = false }: Once = {},
): Promise<void> {
  const { odoo, b2, bep, mail, stripe } = stage.world.systems;
  expect(run.steps.filter((step) => step.status !== 'done')).toEqual([]);
  await mirrored(stage);

  const session = stripe.sessions().find((each) => each.id === purchase.sessionId)!;
  expect(stripe.customers().filter((each) => each.name === purchase.company)).toHaveLength(1);
  expect(stripe.subscriptions().filter((each) => each.customer === session.customer)).toHaveLength(1);

  const partners = odoo.records('res.partner');
  const companies = partners.filter((each) => each.name === purchase.company && each.is_company);
  expect(companies).toHaveLength(1);
  const companyId = companies[0]!.id;
  for (const address of new Set([purchase.contact, ...purchase.people])) {
    expect(
      partners.filter((each) => each.email === address && !each.is_company),
      address,
    ).toHaveLength(1);
  }
  const of = (model: string, field: string) =>
    odoo.records(model).filter((each) => idOf(each[field]) === companyId);

  const leads = of('crm.lead', 'partner_id');
  expect(leads).toHaveLength(1);
  expect(leads[0]).toMatchObject({ probability: 100 });
  const notes = odoo
    .records('mail.message')
    .filter((each) => each.model === 'crm.lead' && each.res_id === leads[0]!.id)
    .filter((each) => String(each.body).includes('provisioned'));
  expect(notes).toHaveLength(1);
  expect(activitiesOn(stage, leads[0]!.id)).toEqual([]);

  const folders = of('x_cde_folder', 'x_partner_id');
  expect(folders.filter((each) => !each.x_parent_id)).toHaveLength(1);
  const paths = folders.map((each) => each.x_path);
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths.length).toBeGreaterThan(4);
  const folderIds = new Set(folders.map((each) => each.id));
  const filed = odoo
    .records('ir.attachment')
    .filter((each) => each.res_model === 'x_cde_folder' && folderIds.has(each.res_id as number));
  expect(filed).toHaveLength(2);

  const users = odoo.records('res.users').filter((each) => purchase.people.includes(String(each.login)));
  expect(users.map((each) => each.login).sort()).toEqual([...purchase.people].sort());
  expect(of('x_stripe_subscription', 'x_partner_id')).toHaveLength(1);

  const storage = resultOf<{ bucketName: string; prefix: string }>(run, 'bucket');
  const { keyId } = resultOf<{ keyId: string }>(run, 'storage_key');
  const bucket = b2.buckets().find((each) => each.bucketName === storage.bucketName)!;
  expect(bucket.bucketType).toBe('allPrivate');
  const stored = await stage.db.query<{ keyName: string; keyId: string }>(
    'select key_name as "keyName", key_id as "keyId" from storages where key_id = $1',
    [keyId],
  );
  expect(stored.rowCount).toBe(1);
  const live = b2.keys().filter((each) => each.keyName === stored.rows[0]!.keyName);
  expect(live.map((each) => each.applicationKeyId)).toEqual([keyId]);
  expect(live[0]).toMatchObject({ bucketId: bucket.bucketId });
  const files = b2
    .files(storage.bucketName)
    .filter((each) => each.fileName.startsWith(`${storage.prefix}documents/`));
  expect(files).toHaveLength(2);
  const made = bep
    .documents()
    .filter((each) => each.projectCode === (purchase.body.project as Record<string, string>).code);
  expect(made.map((each) => each.kind).sort()).toEqual(['bep', 'eir']);

  const toContact = await mail.to(purchase.contact);
  const distinct = [...new Map(toContact.map((each) => [each.messageId, each])).values()];
  const attached = distinct.map((each) => each.attachments.length).sort();
  expect(attached).toEqual(late ? [0, 0, 2] : [0, 2]);
  if (!mailTwice) expect(toContact).toHaveLength(distinct.length);
  for (const person of purchase.people.filter((each) => each !== purchase.contact)) {
    const theirs = await mail.to(person);
    expect(new Set(theirs.map((each) => each.messageId)).size, person).toBe(1);
    if (!mailTwice) expect(theirs, person).toHaveLength(1);
  }
}

export const resultOf = <T>(run: RunDetails, name: string): T =>
  run.steps.find((step) => step.name === name)!.result as T;

export const activitiesOn = (stage: Stage, leadId: number) =>
  stage.world.systems.odoo
    .records('mail.activity')
    .filter((each) => each.res_model === 'crm.lead' && each.res_id === leadId);

/**
 * The run stopped at `step`; staff read why and what to do on the opportunity. Then the cause is gone, an operator
 * retries, the customer is complete and once everywhere, and the activity has gone.
 */
export async function expectStopsThenRetries(
  stage: Stage,
  purchase: Purchase,
  expected: { step: string; code: string; advice: RegExp; once?: Once },
): Promise<void> {
  const stopped = await ended(stage, purchase, ['needs_attention']);
  expect(stopped.cause).toMatchObject({ step: expected.step, code: expected.code });
  expect(String(stopped.cause!.advice)).toMatch(expected.advice);
  stage.world.faults.clear();
  const { opportunityId } = resultOf<{ opportunityId: number }>(stopped, 'opportunity');
  const activity = await eventually('staff are told', async () => activitiesOn(stage, opportunityId)[0]);
  expect(activity.summary).toBe(`Provisioning stopped at “${stepTitle('provision', expected.step)}”`);
  expect(String(activity.note)).toContain(`runs retry ${stopped.id}`);
  expect(activity.user_id).toBeTruthy();
  await stage.connector.admin.request('POST', `/runs/${stopped.id}/retry`);
  const done = await ended(stage, purchase);
  await eventually('the activity is gone', async () => activitiesOn(stage, opportunityId).length === 0);
  await expectLivesOnce(stage, purchase, done, expected.once);
}
