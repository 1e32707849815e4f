/**
 * Whom staff have linked to an opportunity of theirs. Their contacts carry no external id of ours, which a merge would
 * hand on: after one, the opportunity still leads to the contact that is left.
 */
import type { CrmDeps } from './deps.ts';

export interface Linked {
  readonly id: number;
  /** The company the person belongs to; itself, where it is one or belongs to none. */
  readonly companyId: number;
  readonly email: string | false;
}

export async function linkedTo({ odoo }: Pick<CrmDeps, 'odoo'>, leadId: number): Promise<Linked | undefined> {
  const [lead] = await odoo.call<{ partner_id: [number, string] | false }[]>('crm.lead', 'search_read', {
    domain: [['id', '=', leadId]],
    fields: ['partner_id'],
    context: { active_test: false },
  });
  if (!lead?.partner_id) return undefined;
  const [partner] = await odoo.call<
    { id: number; commercial_partner_id: [number, string]; email: string | false }[]
  >('res.partner', 'read', { ids: [lead.partner_id[0]], fields: ['commercial_partner_id', 'email'] });
  const { id, commercial_partner_id: company, email } = partner!;
  return { id, companyId: company[0], email };
}

/** @param name ours of a company or its main contact @returns undefined: not staff's, or nobody is linked any more */
export async function mergedPartner(
  deps: Pick<CrmDeps, 'db' | 'odoo'>,
  { name, lostId }: { name: string; lostId: number },
): Promise<number | undefined> {
  const [, organisationId, whose] = /^org_(\d+)_(partner|contact)$/.exec(name) ?? [];
  if (organisationId === undefined) return undefined;
  const { rows } = await deps.db.query<{ id: number }>(
    `select r.res_id as id from orders o
       join erp_records r on r.external_id = 'stripe_connector.order_' || o.id || '_opportunity'
      where o.organisation_id = $1 and o.offer_id is not null and r.res_id is not null order by o.id desc limit 1`,
    [organisationId],
  );
  const linked = rows[0] && (await linkedTo(deps, rows[0].id));
  if (linked === undefined) return undefined;
  const { id, companyId } = linked;
  const found = whose === 'partner' ? companyId : id;
  return found === lostId || (whose === 'contact' && id === companyId) ? undefined : found;
}
