/** Counts what one purchase left outside, everywhere. */
import type { Database } from '../../connector/db/database.ts';
import type { World } from '../../scripts/sandbox/world.ts';
import type { Purchase } from './scene.ts';

/** A many2one reads as [id, name]. */
const idOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);

/** What exists once per purchase; figures of a purchase nothing happened to are the same. */
export type Shape = Readonly<Record<string, number | string | boolean>>;

export const TOTALS = [
  'res.partner',
  'crm.lead',
  'x_cde_folder',
  'ir.attachment',
  'res.users',
  'x_stripe_subscription',
  'mail.message',
  'mail.activity',
] as const;

/** From 90 buckets on customers share one: then the prefix and the key's name tell whose. */
interface Storage {
  readonly bucket: string;
  readonly prefix: string;
  readonly keyName: string;
  readonly keyId: string;
  readonly sealed: string | null;
}

export interface Traces {
  /** Buckets our database knows. */
  buckets(): Promise<number>;
  shapeOf(purchase: Purchase): Promise<Shape>;
  runOf(purchase: Purchase): Promise<string | undefined>;
  /** Raw deliveries of one purchase by Message-ID. */
  mailsOf(purchase: Purchase): ReadonlyMap<string, readonly { text: string; html: string }[]>;
}

export async function readTraces(world: World, db: Database): Promise<Traces> {
  const { odoo, b2, mail, stripe } = world.systems;
  const all = Object.fromEntries(TOTALS.map((model) => [model, odoo.records(model)]));
  const stages = odoo.records('crm.stage').filter((stage) => stage.is_won);
  const keys = b2.keys();
  const deliveries = await mail.deliveries();
  const of = (model: (typeof TOTALS)[number], field: string, ids: readonly unknown[]) =>
    all[model]!.filter((record) => ids.includes(idOf(record[field])));

  const runOf = async ({ sessionId }: Purchase) =>
    (
      await db.query<{ id: string }>(
        `select r.id from runs r join subscriptions s on s.id = r.subscription_id
           join checkout_sessions c on c.order_id = s.order_id where c.provider_id = $1`,
        [sessionId],
      )
    ).rows;

  const mailsOf: Traces['mailsOf'] = ({ contact, logins }) => {
    const people = [contact, ...logins];
    const copies = new Map<string, { text: string; html: string }[]>();
    for (const each of deliveries.filter(({ to }) => to.some((address) => people.includes(address)))) {
      copies.set(each.messageId, [...(copies.get(each.messageId) ?? []), each]);
    }
    return copies;
  };

  return {
    async buckets() {
      return (await db.query('select distinct bucket_id from storages')).rowCount;
    },
    async runOf(purchase) {
      return (await runOf(purchase))[0]?.id;
    },
    mailsOf,
    async shapeOf(purchase) {
      const companies = all['res.partner']!.filter((each) => each.name === purchase.company);
      const companyIds = companies.map(({ id }) => id);
      const leads = of('crm.lead', 'partner_id', companyIds);
      const folders = of('x_cde_folder', 'x_partner_id', companyIds);
      const records = of('x_stripe_subscription', 'x_partner_id', companyIds);
      const files = of(
        'ir.attachment',
        'res_id',
        folders.map(({ id }) => id),
      ).filter((each) => each.res_model === 'x_cde_folder');
      const notes = all['mail.message']!.filter(
        (each) => each.model === 'crm.lead' && leads.some(({ id }) => id === each.res_id),
      );
      const opened = notes.filter(tellsOpening);
      const session = stripe.sessions().find(({ id }) => id === purchase.sessionId);
      const storages = await db.query<Storage>(
        `select t.bucket_id as bucket, t.prefix, t.key_name as "keyName", t.key_id as "keyId", s.id::text as sealed
           from storages t
           join orders o on o.project_id = t.project_id join checkout_sessions c on c.order_id = o.id
           left join secrets s on s.id = t.secret_id and s.revoked_at is null where c.provider_id = $1`,
        [purchase.sessionId],
      );
      const bucket = storages.rows[0]?.bucket ?? '';
      const { prefix = '', keyName } = storages.rows[0] ?? {};
      const live = keys.filter((key) => key.bucketId === bucket && key.keyName === keyName);
      const runs = await runOf(purchase);
      return {
        companies: companies.length,
        contacts: of('res.partner', 'parent_id', companyIds).length,
        opportunities: leads.length,
        won: leads.every((lead) => stages.some(({ id }) => id === idOf(lead.stage_id))),
        workspaces: folders.filter((folder) => !folder.x_parent_id).length,
        folders: folders.length,
        documentsInWorkspace: files.length,
        users: all['res.users']!.filter(({ login }) => purchase.logins.includes(String(login))).length,
        records: records.length,
        access: String(records[0]?.x_access),
        notes: notes.length - opened.length,
        toldTwiceOfItsOpening: opened.length > 1,
        buckets: b2.buckets().filter(({ bucketId }) => bucketId === bucket).length,
        liveKeys: live.length,
        liveKeyIsTheStoredOne: live[0]?.applicationKeyId === storages.rows[0]?.keyId,
        liveSecrets: storages.rows.filter(({ sealed }) => sealed !== null).length,
        documentsInStorage:
          bucket === '' ? 0 : b2.files(bucket).filter(({ fileName }) => fileName.startsWith(prefix)).length,
        runs: runs.length,
        customers: stripe.customers().filter(({ name }) => name === purchase.company).length,
        subscriptions: stripe.subscriptions().filter(({ customer }) => customer === session?.customer).length,
        mails: mailsOf(purchase).size,
      };
    },
  };
}

/** How many there are of everything, whosever they are. */
/** Left out where the money came before the sale was shown: not every purchase has it. */
const tellsOpening = ({ body }: Record<string, unknown>): boolean =>
  String(body).includes('payment page opened');

export function totals(world: World): Readonly<Record<string, number>> {
  const { odoo, b2 } = world.systems;
  return {
    ...Object.fromEntries(TOTALS.map((model) => [model, odoo.count(model)])),
    'mail.message': odoo.records('mail.message').filter((each) => !tellsOpening(each)).length,
    buckets: b2.buckets().length,
    keys: b2.keys().length,
  };
}
