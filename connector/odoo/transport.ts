/** What a transport does: carry one call, and throw classified errors. */

/** `ids`: the records the method is called on; the rest are the method's arguments by their Python names, and `context`. */
export type CallArguments = Readonly<Record<string, unknown>> & { readonly ids?: readonly number[] };

export interface Call {
  readonly model: string;
  readonly method: string;
  readonly args: CallArguments;
}

export interface Transport {
  /** @returns what the method returned; undefined for None */
  call(call: Call): Promise<unknown>;
}

// Methods that change nothing: they get the short time-out, and may be repeated.
const READS: ReadonlySet<string> = new Set([
  'check_object_reference',
  'fields_get',
  'has_access',
  'check_access_rights',
  'get_param',
  'read',
  'search',
  'search_count',
  'search_read',
]);

export const changesNothing = (call: Call): boolean => READS.has(call.method);
