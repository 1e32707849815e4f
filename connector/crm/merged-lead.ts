/**
 * The opportunity that swallowed ours: a merge in Odoo deletes the other opportunity with its external id, but moves its
 * chatter to the one that is left (`crm.lead.merge_opportunity`, measured on 17, 18, 19). So our notes show the way.
 */
import type { CrmDeps } from './deps.ts';
import { qualified, slug } from './ids.ts';

const MODEL = 'mail.message';

/** @returns the ERP id where our notes on `name` now are; undefined: they went with it, or there were none */
export async function mergedInto(
  deps: Pick<CrmDeps, 'db' | 'odoo'>,
  input: { model: string; name: string; lostId: number },
): Promise<number | undefined> {
  const { rows } = await deps.db.query<{ id: number }>(
    'select res_id as id from erp_records where model = $1 and starts_with(external_id, $2) and res_id is not null',
    [MODEL, `${qualified(`note_${slug(input.name)}`)}_`],
  );
  if (rows.length === 0) return undefined;
  const messages = await deps.odoo.call<{ res_id: number }[]>(MODEL, 'search_read', {
    domain: [
      ['id', 'in', rows.map(({ id }) => id)],
      ['model', '=', input.model],
      ['res_id', '!=', input.lostId],
    ],
    fields: ['res_id'],
    order: 'id desc',
    limit: 1,
  });
  return messages[0]?.res_id;
}
