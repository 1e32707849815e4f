/** The ERP's contacts of people by their address, among those we made for one organisation; nothing is made here. */
import { asConnectorError } from '../errors.ts';
import { findBindings } from './bindings.ts';
import type { CrmDeps } from './deps.ts';
import { stillThere } from './gone.ts';
import { externalId } from './ids.ts';

/** @returns ERP ids of partners; of somebody whose contact staff have deleted: none */
export async function contactsOf(
  deps: Pick<CrmDeps, 'db' | 'odoo' | 'now'>,
  input: { organisationId: number; emails: readonly string[] },
): Promise<readonly number[]> {
  const names = await contactNamesOf(deps, input);
  const bound = [...(await findBindings(deps.db, names))].flatMap(([name, { resId }]) =>
    resId === null ? [] : [[name, resId] as const],
  );
  try {
    return [...new Set((await stillThere(deps, 'res.partner', new Map(bound))).values())];
  } catch (thrown) {
    if (asConnectorError(thrown).kind !== 'absent') throw thrown;
    const each = await Promise.all(bound.map((one) => thereOrNothing(deps, one)));
    return [...new Set(each.flat())];
  }
}

async function thereOrNothing(
  deps: Pick<CrmDeps, 'db' | 'odoo' | 'now'>,
  one: readonly [string, number],
): Promise<readonly number[]> {
  try {
    return [...(await stillThere(deps, 'res.partner', new Map([one]))).values()];
  } catch (thrown) {
    if (asConnectorError(thrown).kind === 'absent') return [];
    throw thrown;
  }
}

/** Every name such a contact may have: of each row of theirs, and the organisation's own contact. */
async function contactNamesOf(
  { db }: Pick<CrmDeps, 'db'>,
  { organisationId, emails }: { organisationId: number; emails: readonly string[] },
): Promise<readonly string[]> {
  const addresses = emails.map((email) => email.trim().toLowerCase());
  const { rows } = await db.query<{ id: number; main: boolean }>(
    `select s.id, false as main from stakeholders s join projects p on p.id = s.project_id
      where p.organisation_id = $1 and lower(trim(s.email)) = any($2::text[])
     union all select id, true from organisations where id = $1 and lower(trim(contact_email)) = any($2::text[])`,
    [organisationId, addresses],
  );
  return rows.map(({ id, main }) => (main ? externalId.mainContact(id) : externalId.contact(id)));
}
