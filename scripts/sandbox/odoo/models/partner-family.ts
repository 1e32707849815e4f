/** Contacts and the company above them; addresses of mail. */
import type { Env, Row } from '../orm/types.ts';

/** The company at the top of a contact. */
export function commercial(env: Env, row: Row): Row {
  let current = row;
  for (let depth = 0; depth < 50; depth += 1) {
    const parent = env.erp.tables.get('res.partner', Number(current.parent_id || 0));
    if (current.is_company === true || parent === undefined) return current;
    current = parent;
  }
  return current;
}

/** The one address in a text (`Ada <ada@example.com>`), in lower case; false when there is none or more than one. */
export function normalizedEmail(text: unknown): string | false {
  if (typeof text !== 'string') return false;
  const found = text.match(/[^\s@<>"',;:]+@[^\s@<>"',;:]+\.[^\s@<>"',;:.]+/g);
  return found?.length === 1 ? found[0].toLowerCase() : false;
}

const OF_COMPANY = ['vat', 'company_registry'];

const ADDRESS = ['street', 'street2', 'zip', 'city', 'state_id', 'country_id'];

/** Contacts carry their company's VAT id; those of type "contact" its address too. */
export function takeFromCompany(env: Env, row: Row): Row {
  const company = commercial(env, row);
  if (company.id === row.id) return row;
  const parent = env.erp.tables.get('res.partner', Number(row.parent_id || 0)) ?? company;
  const address = row.type === 'contact' && ADDRESS.some((name) => parent[name]) ? ADDRESS : [];
  const changes = Object.fromEntries([
    ...OF_COMPANY.map((name) => [name, company[name] ?? false]),
    ...address.map((name) => [name, parent[name] ?? false]),
  ]);
  if (Object.entries(changes).every(([name, value]) => row[name] === value)) return row;
  const taken = { ...row, ...changes };
  env.erp.tables.put('res.partner', taken);
  return taken;
}
