/** Every project that was paid and made exists once: bucket or prefix, live key, workspace, won opportunity. */
import type { Database } from '../../../connector/db/database.ts';
import type { World } from '../../../scripts/sandbox/world.ts';

interface Project {
  readonly id: number;
  readonly hasAccess: boolean;
  readonly bucket: string | null;
  readonly keyName: string | null;
  readonly keyId: string | null;
  readonly readOnly: boolean | null;
}

/** A many2one reads as [id, name]. */
const idOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);

export async function projectsWrong(
  world: World,
  db: Database,
): Promise<(customerId: string) => Promise<string[]>> {
  const { odoo, b2 } = world.systems;
  const bindings = odoo.records('ir.model.data');
  const leads = odoo.records('crm.lead');
  const folders = odoo.records('x_cde_folder');
  const won = odoo
    .records('crm.stage')
    .filter((stage) => stage.is_won)
    .map(({ id }) => id);
  const buckets = b2.buckets();
  const keys = b2.keys();
  const bound = (name: string): readonly unknown[] =>
    bindings.filter((each) => each.name === name).map((each) => each.res_id);

  function storageWrong({ id, hasAccess, bucket, keyName, keyId }: Project): string[] {
    if (bucket === null) return [`project ${id}: no storage`];
    const there = buckets.filter(({ bucketName }) => bucketName === bucket);
    if (there.length !== 1) return [`project ${id}: ${there.length} buckets ${bucket}`];
    const live = keys.filter((key) => key.bucketId === there[0]!.bucketId && key.keyName === keyName);
    if (live.length > 1 || live[0]?.applicationKeyId !== (keyId ?? undefined))
      return [`project ${id}: keys ${live.map((key) => key.applicationKeyId).join()}, stored ${keyId}`];
    const writes = live[0]?.capabilities.includes('writeFiles') ?? false;
    return writes === hasAccess ? [] : [`project ${id}: the key ${writes ? 'writes' : 'does not write'}`];
  }

  function workspaceWrong({ id }: Project): string[] {
    const roots = bound(`project_${id}_workspace`);
    const wrong = roots.length === 1 ? [] : [`project ${id}: ${roots.length} workspaces`];
    const children = folders.filter((folder) => roots.includes(idOf(folder.x_parent_id)));
    const names = children.map((folder) => String(folder.x_name));
    return new Set(names).size === names.length
      ? wrong
      : [...wrong, `project ${id}: folders ${names.join()}`];
  }

  return async (customerId) => {
    const projects = await db.query<Project>(
      `select p.id, bool_or(s.access = 'provisioned') as "hasAccess", t.bucket_name as bucket, t.key_name as "keyName",
              t.key_id as "keyId", t.key_read_only as "readOnly"
         from projects p join subscriptions s on s.project_id = p.id left join storages t on t.project_id = p.id
        where s.customer_id = $1 and exists (select 1 from runs r join subscriptions o on o.id = r.subscription_id
          where o.project_id = p.id and r.kind = 'provision' and r.status = 'done')
        group by p.id, t.project_id`,
      [customerId],
    );
    const orders = await db.query<{ id: number }>(
      `select o.id from orders o join subscriptions s on s.order_id = o.id
        where s.customer_id = $1 and s.access in ('provisioned', 'suspended')`,
      [customerId],
    );
    const companies = odoo
      .records('res.partner')
      .filter((each) => each.x_stripe_customer_id === customerId && each.is_company === true);
    const wrong = companies.length === 1 ? [] : [`${companies.length} companies of ${customerId}`];
    const mine = leads.filter((lead) => idOf(lead.partner_id) === companies[0]?.id);
    const wanted = await db.query(
      'select 1 from orders o join organisations g on g.id = o.organisation_id where g.provider_customer_id = $1',
      [customerId],
    );
    if (mine.length > wanted.rowCount)
      wrong.push(`${mine.length} opportunities of ${wanted.rowCount} orders`);
    for (const { id } of orders.rows) {
      const theirs = leads.filter((lead) => bound(`order_${id}_opportunity`).includes(lead.id));
      if (theirs.length !== 1) wrong.push(`order ${id}: ${theirs.length} opportunities`);
      else if (!won.includes(idOf(theirs[0]!.stage_id) as never)) wrong.push(`order ${id}: not won`);
    }
    return [...wrong, ...projects.rows.flatMap((each) => [...storageWrong(each), ...workspaceWrong(each)])];
  };
}
