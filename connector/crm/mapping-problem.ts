/** Something in which a mapping and the ERP do not fit each other. */

export interface MappingProblem {
  /** JSON pointer (RFC 6901) within the mapping file. */
  readonly path: string;
  readonly problem: string;
  /** What to do, one sentence. */
  readonly fix: string;
}
