/** `mappings/odoo.json`: which field of the ERP receives which fact. */

import type { StakeholderRole } from '../billing/sale.ts';
import { readMapping } from '../mapping-file.ts';
import { FACT_NAMES } from './facts.ts';

export type WriteRule = 'once' | 'always';

/** By exactly one of these; several texts for a field that holds several records (tags). */
export interface Lookup {
  readonly name?: string | readonly string[];
  /** Of a user. */
  readonly login?: string | readonly string[];
  readonly xmlid?: string | readonly string[];
}

export interface FieldMapping {
  readonly fact?: string;
  readonly text?: string;
  readonly value?: string | number | boolean;
  /** A record staff have; written at creation. */
  readonly lookup?: Lookup;
  readonly write?: WriteRule;
  readonly optional?: boolean;
}

export interface RecordMapping {
  readonly model: string;
  readonly write: WriteRule;
  /** Field name, `/id` appended for a relation by external id. */
  readonly fields: Readonly<Record<string, FieldMapping>>;
}

export type RecordKind = 'company' | 'contact' | 'opportunity' | 'subscription';

/** What happens to the opportunity of a checkout that nobody finished. */
export interface AbandonedPolicy {
  /** For the salesperson, at once; texts with facts in braces. */
  readonly activity: { readonly summary: string; readonly note: string };
  /** Days until the opportunity is lost. */
  readonly lostAfterDays: number;
  /** External id of the crm.lost.reason. */
  readonly lostReason: string;
}

export interface OdooMapping {
  /** What each ISO 19650 role is called: a contact's position and tag, and the group of its portal user. */
  readonly roles: Readonly<Record<StakeholderRole, string>>;
  readonly records: Readonly<Record<RecordKind, RecordMapping>>;
  readonly abandoned: AbandonedPolicy;
}

const SCHEMA = new URL('../../mappings/odoo.schema.json', import.meta.url);
const IN_BRACES = /\{([^}]*)\}/g;

/** @throws ConnectorError permanent `mapping_invalid` naming every problem with its path */
export function loadOdooMapping(
  file: string | URL = new URL('../../mappings/odoo.json', import.meta.url),
): OdooMapping {
  return readMapping<OdooMapping>({ file: file, schemaFile: SCHEMA, check: unknownFacts });
}

function unknownFacts(mapping: OdooMapping): string[] {
  const known: ReadonlySet<string> = new Set(FACT_NAMES);
  const problems = (path: string, facts: readonly string[]) =>
    facts.filter((fact) => !known.has(fact)).map((fact) => `${path}: there is no fact "${fact}"`);
  return [
    ...Object.entries(mapping.records).flatMap(([kind, record]) =>
      Object.entries(record.fields).flatMap(([field, rule]) =>
        problems(`/records/${kind}/fields/${field}`, factsOf(rule)),
      ),
    ),
    ...Object.entries(mapping.abandoned.activity).flatMap(([name, text]) =>
      problems(`/abandoned/activity/${name}`, factsOf({ text })),
    ),
  ];
}

/** The facts a field is made of. */
export function factsOf(rule: FieldMapping): string[] {
  if (rule.fact !== undefined) return [rule.fact];
  return [...(rule.text ?? '').matchAll(IN_BRACES)].map((match) => match[1]!);
}
