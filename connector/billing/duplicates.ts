/** A hint for staff: this new organisation looks like one we have. It changes nothing else. */
import type { Sql } from '../db/database.ts';
import type { OrganisationInput } from './order-form.ts';

// Addresses at these say nothing about the organisation.
const SHARED_MAIL = new Set(
  'gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com yahoo.fr icloud.com me.com aol.com gmx.de gmx.net web.de proton.me protonmail.com orange.fr free.fr wanadoo.fr laposte.net mail.ru yandex.ru qq.com 163.com'.split(
    ' ',
  ),
);

/**
 * The organisation this one looks like: same VAT id, else same name and country, else the same e-mail domain (unless it
 * is a public mail provider's). Paying customers first, then the oldest.
 * @param self its own id when it is already stored
 */
export async function findDuplicate(
  sql: Sql,
  input: OrganisationInput,
  self: number | null,
): Promise<number | null> {
  const domain = input.contact_email.slice(input.contact_email.lastIndexOf('@') + 1).toLowerCase();
  const vat = (input.vat_id ?? '').replace(/[^A-Za-z0-9]/g, '').toUpperCase();
  const { rows } = await sql.query<{ id: number }>(
    // One branch an index (see the migration): the look must not grow slower with every order that is never paid.
    `select o.id from (
       select id, 1 as likeness from organisations
        where $1 <> '' and upper(regexp_replace(vat_id, '[^A-Za-z0-9]', '', 'g')) = $1
       union all
       select id, 2 from organisations where lower(name) = lower($2) and country = $3
       union all
       select id, 3 from organisations where $4 <> '' and lower(split_part(contact_email, '@', 2)) = $4
     ) o
     where o.id is distinct from $5::bigint
     order by exists (select 1 from orders where organisation_id = o.id and state = 'paid') desc, o.likeness, o.id
     limit 1`,
    [vat, input.name, input.country, SHARED_MAIL.has(domain) ? '' : domain, self],
  );
  return rows[0]?.id ?? null;
}
