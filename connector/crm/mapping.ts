/** `mappings/odoo.json`: which field of the ERP receives which fact. */

import { readMapping } from '../mapping-file.ts';
import { FACT_NAMES } from './facts.ts';

export type WriteRule = 'once' | 'always';

export interface FieldMapping {
  readonly fact?: string;
  readonly text?: string;
  readonly value?: string | number | boolean;
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

export interface OdooMapping {
  readonly records: Readonly<Record<RecordKind, RecordMapping>>;
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
  return Object.entries(mapping.records).flatMap(([kind, record]) =>
    Object.entries(record.fields).flatMap(([field, rule]) =>
      factsOf(rule)
        .filter((fact) => !known.has(fact))
        .map((fact) => `/records/${kind}/fields/${field}: there is no fact "${fact}"`),
    ),
  );
}

/** The facts a field is made of. */
export function factsOf(rule: FieldMapping): string[] {
  if (rule.fact !== undefined) return [rule.fact];
  return [...(rule.text ?? '').matchAll(IN_BRACES)].map((match) => match[1] ?? '');
}
