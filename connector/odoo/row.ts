/** What a `load` takes: one record's cells, in the order of the fields. */

export type Row = readonly (string | number)[];

export interface LoadOptions {
  /** How often a refusal that names no field is tried in all (default 6): it may have been a serialisation conflict. */
  readonly attempts?: number;
  /** Odoo's context; `default_<field>` counts for rows that are created, and not for those that are there already. */
  readonly context?: Readonly<Record<string, unknown>>;
}
