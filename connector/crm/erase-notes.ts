/** What we wrote ourselves into chatter and activities of a customer: emptied, all of it or where it names somebody. */
import type { CrmDeps } from './deps.ts';
import { qualified } from './ids.ts';

const BODIES = [
  { kind: 'note', model: 'mail.message', field: 'body', empty: '<p>Erased.</p>' },
  { kind: 'activity', model: 'mail.activity', field: 'note', empty: false },
] as const;

/** @param input.emails null: all of the organisation's @returns how many were emptied */
export async function eraseNotes(
  deps: Pick<CrmDeps, 'db' | 'odoo'>,
  input: { organisationId: number; emails: readonly string[] | null },
): Promise<number> {
  let emptied = 0;
  for (const { kind, model, field, empty } of BODIES) {
    const bound = await writtenFor(deps, kind, input.organisationId);
    if (bound.length === 0) continue;
    const found = new Set<number>();
    // Staff may have deleted some of them.
    for (const email of input.emails ?? [null]) {
      const naming = email === null ? [] : [[field, 'ilike', email]];
      const ids = await deps.odoo.call<number[]>(model, 'search', {
        domain: [['id', 'in', bound], ...naming],
      });
      for (const id of ids) found.add(id);
    }
    if (found.size > 0) await deps.odoo.call(model, 'write', { ids: [...found], vals: { [field]: empty } });
    emptied += found.size;
  }
  return emptied;
}

async function writtenFor(
  { db }: Pick<CrmDeps, 'db'>,
  kind: 'note' | 'activity',
  organisationId: number,
): Promise<readonly number[]> {
  const { rows } = await db.query<{ id: number }>(
    `select e.res_id as id from erp_records e join (
       select 'org_' || $1::bigint || '_' as own
       union select 'order_' || id || '_' from orders where organisation_id = $1
       union select 'subscription_' || id || '_' from subscriptions where organisation_id = $1) mine
       on starts_with(e.external_id, $2 || mine.own) where e.res_id is not null`,
    [organisationId, qualified(`${kind}_`)],
  );
  return rows.map(({ id }) => id);
}
