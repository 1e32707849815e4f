/** One record as it should be in the ERP, by its external id. */
import type { Values } from './values.ts';

export interface Wanted {
  readonly name: string;
  readonly values: Values;
  /** Columns that may be refused. */
  readonly optional?: readonly string[];
  readonly version?: number;
  readonly valuesHash?: string;
}
