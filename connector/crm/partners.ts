/** The company and its contacts: one load, and one write that puts the contacts under the company. */
import type { Sale, StakeholderRole } from '../billing/sale.ts';
import { adoptOffer } from './adopt-offer.ts';
import type { CrmContext, CrmDeps } from './deps.ts';
import { ensureRecords } from './ensure-records.ts';
import { type Facts, oneLine, orderFacts, saleFacts } from './facts.ts';
import { externalId, qualified } from './ids.ts';
import { keepCurrent } from './keep-current.ts';
import type { OdooMapping } from './mapping.ts';
import { optionalColumns, valuesOf } from './values.ts';
import type { Wanted } from './wanted.ts';

export interface Partners {
  readonly companyId: number;
  /** Stakeholder id → res.partner id; several stakeholders of one address share a contact. */
  readonly contactIds: Readonly<Record<number, number>>;
  readonly mainContactId: number;
  /** Optional fields the ERP rejected, with its reason. */
  readonly refused: readonly { readonly field: string; readonly reason: string }[];
}

/** What partners are made of: a sale, or an order that is not paid yet. */
export type Buyer = Pick<
  Sale,
  'orderId' | 'organisation' | 'project' | 'stakeholders' | 'planKey' | 'planName'
>;

/** @throws ConnectorError absent `erp_record_gone` when staff deleted one of them */
export async function ensurePartners(deps: CrmContext, sale: Sale | Buyer): Promise<Partners> {
  await adoptOffer(deps, sale);
  const facts = 'firstInvoice' in sale ? saleFacts(sale) : orderFacts(sale);
  const { organisation } = sale;
  const company = externalId.company(organisation.id);
  const mainContact = externalId.mainContact(organisation.id);
  const names = await contactNames(deps, sale, mainContact);

  const { company: companyMapping, contact: contactMapping } = deps.mapping.records;
  const companyValues = { ...valuesOf(companyMapping, facts), ...(await deps.lookups.of(companyMapping)) };
  const contactLookups = await deps.lookups.of(contactMapping);
  const people = new Map<string, Facts>();
  const contact = (name: string, own: Facts): Wanted => {
    people.set(name, { ...facts, ...own });
    return {
      name,
      values: { ...valuesOf(contactMapping, { ...facts, ...own }), ...contactLookups },
      optional: optionalColumns(contactMapping),
    };
  };
  const wanted = new Map<string, Wanted>([
    [company, { name: company, values: companyValues, optional: optionalColumns(companyMapping) }],
    [
      mainContact,
      contact(
        mainContact,
        personFacts(deps.mapping, { name: organisation.contactName, email: organisation.contactEmail }),
      ),
    ],
  ]);
  for (const stakeholder of sale.stakeholders) {
    const name = names.get(stakeholder.id)!;
    if (!wanted.has(name)) wanted.set(name, contact(name, personFacts(deps.mapping, stakeholder)));
  }

  const { ids, refused, created } = await ensureRecords(deps, {
    model: companyMapping.model,
    wanted: [...wanted.values()],
    finish: (known, names) => putUnderCompany(deps, known, names, company),
  });
  const there = (name: string) => !created.has(name);
  if (there(company)) await keepCurrent(deps, companyMapping, [{ id: ids.get(company)!, facts }]);
  const known = [...people].filter(([name]) => there(name));
  await keepCurrent(
    deps,
    contactMapping,
    known.map(([name, own]) => ({ id: ids.get(name)!, facts: own })),
  );
  return {
    companyId: ids.get(company)!,
    mainContactId: ids.get(mainContact)!,
    contactIds: Object.fromEntries(sale.stakeholders.map(({ id }) => [id, ids.get(names.get(id)!)!])),
    refused: refused.map(({ field, reason }) => ({ field, reason })),
  };
}

/**
 * A load that gives a contact its company fails in Odoo 18 and 19 with Accounting installed, for users without
 * accounting rights (`res.partner._load_records_create` reads `credit_limit` as the user). A plain write does not.
 */
async function putUnderCompany(
  deps: CrmDeps,
  known: ReadonlyMap<string, number>,
  names: readonly string[],
  company: string,
): Promise<void> {
  const { model, fields } = deps.mapping.records.contact;
  const links = Object.entries(fields).filter(([, rule]) => rule.fact === 'link.company');
  const ids = names.filter((name) => name !== company).map((name) => known.get(name)!);
  if (ids.length === 0 || links.length === 0) return;
  const vals = Object.fromEntries(links.map(([field]) => [field, known.get(company)]));
  await deps.odoo.call(model, 'write', { ids, vals });
}

/**
 * Stakeholder id → name of its contact. One person of an organisation is one contact, whatever project: the first
 * stakeholder row with that address gives the name, and the organisation's own contact comes before all.
 */
async function contactNames(deps: CrmDeps, sale: Buyer, mainContact: string): Promise<Map<number, string>> {
  const { rows } = await deps.db.query<{ email: string; first: number }>(
    `select lower(trim(s.email)) as email, min(s.id) as first
     from stakeholders s join projects p on p.id = s.project_id
     where p.organisation_id = $1 group by 1`,
    [sale.organisation.id],
  );
  const firstOf = new Map(rows.map((row) => [row.email, row.first]));
  const main = address(sale.organisation.contactEmail);
  return new Map(
    sale.stakeholders.map(({ id, email }) => {
      if (address(email) === main) return [id, mainContact];
      return [id, externalId.contact(firstOf.get(address(email)) ?? id)];
    }),
  );
}

const address = (email: string): string => email.trim().toLowerCase();

function personFacts(
  { roles }: OdooMapping,
  person: { name: string; email: string; role?: StakeholderRole },
): Facts {
  const { role } = person;
  return {
    'contact.name': oneLine(person.name),
    'contact.email': oneLine(person.email),
    'contact.role': role ?? null,
    'contact.role_title': role === undefined ? null : roles[role],
    'contact.role_tag_xmlid': role === undefined ? null : qualified(externalId.roleTag(role)),
  };
}
