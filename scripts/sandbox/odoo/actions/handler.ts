/** The sandbox's counterpart of one server action's Python. */
import { valueError } from '../errors.ts';
import type { Env, Row } from '../orm/types.ts';

/** What an action's code sees. */
export interface ActionCall {
  readonly env: Env;
  /** The records it runs on, from `active_ids` of the context. */
  readonly records: readonly Row[];
  /** What the connector passes along in the context. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a button's code sees besides: the second word of its first line, and its text with the names filled in. */
interface ButtonCall extends ActionCall {
  readonly argument: string;
  readonly code: string;
}

/** Gives the whole resulting action. */
export type ButtonHandler = (call: ButtonCall) => Record<string, unknown>;

/** Gives the `infos` of the resulting action. */
export type Handler = (call: ActionCall) => unknown;

export const pythonKeyError = (key: string) =>
  valueError(`KeyError('${key}') while evaluating a server action`);
