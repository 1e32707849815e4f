/** Subscriptions of ours with their records in the ERP, in step. */
import { randomInt } from 'node:crypto';
import { readSubscriptionsAfter } from '../../../connector/billing/read-subscription.ts';
import { bind, intend } from '../../../connector/crm/bindings.ts';
import { externalId, qualified } from '../../../connector/crm/ids.ts';
import type { OdooMapping } from '../../../connector/crm/mapping.ts';
import { mirroredValues } from '../../../connector/crm/subscription.ts';
import type { Database } from '../../../connector/db/database.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';

const PAGE = 500;

/** @returns the ERP's ids */
export async function makeMirror(input: {
  db: Database;
  odoo: Odoo;
  mapping: OdooMapping;
  count: number;
}): Promise<number[]> {
  const { db, odoo, mapping } = input;
  // Numbers no other run on this server has used: external ids are made of them.
  const first = randomInt(1_000, 2_000_000) * 100_000;
  const tag = first.toString(36);
  await db.query('insert into customers (id) values ($1) on conflict do nothing', [`cus_${tag}`]);
  await db.query(
    `insert into subscriptions (id, provider_id, customer_id, plan_key, billing_interval, currency, recurring_amount,
       status, access, current_period_start, current_period_end, created, version)
     overriding system value
     select $1::bigint + n, 'sub_' || $2 || '_' || n, 'cus_' || $2, 'starter', 'month', 'usd', 25000, 'active', 'provisioned',
       now(), now() + interval '1 month', now(), 1
     from generate_series(0, $3::int - 1) as n`,
    [first, tag, input.count],
  );
  const ids: number[] = [];
  for (let after = first - 1; ; ) {
    const page = await readSubscriptionsAfter(db, { after, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) return ids;
    const names = page.map(({ id }) => externalId.subscription(id));
    await intend(db, mapping.records.subscription.model, names);
    const rows = page.map((subscription) => mirroredValues(mapping, subscription));
    const columns = Object.keys(rows[0]!);
    const made = await odoo.load(
      mapping.records.subscription.model,
      ['id', 'x_name', ...columns],
      rows.map((values, index) => [
        qualified(names[index]!),
        `Bench ${tag} ${index}`,
        ...columns.map((column) => values[column] ?? ''),
      ]),
    );
    await bind(
      db,
      made.map((resId, index) => ({ name: names[index]!, resId, version: 1 })),
    );
    ids.push(...made);
    after = last.id;
  }
}
