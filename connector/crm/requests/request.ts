/** What staff have asked for in the ERP, and what became of it. */
import type { RequestActionName } from './actions.ts';

export interface ErpRequest {
  /** Random; made by the ERP with the row. Whatever a handler does is to be done once per id. */
  readonly id: string;
  readonly action: RequestActionName;
  /** The record asked about. */
  readonly model: string;
  readonly resId: number;
  /** Name and login of the user who pressed the button. */
  readonly asker: string;
  readonly askedAt: Date;
  /** What was given along with it (`x_input`, a JSON object); empty for a plain button. */
  readonly input: Readonly<Record<string, unknown>>;
}

export interface RequestOutcome {
  /** One or two plain sentences: the row and the chatter say it. */
  readonly answer: string;
  /** For whoever asked; on the row only, never in the chatter. */
  readonly url?: string;
}

/**
 * Carries a request out. It may be called again for the same request: after a passing failure, or when the process died
 * before the outcome was stored. What it throws becomes the answer: `retryable` is tried again, an error of an outside
 * system (`system` set) is `failed`, any other is `refused`.
 */
export type RequestHandler = (request: ErpRequest) => Promise<RequestOutcome>;

export type RequestHandlers = Readonly<Record<RequestActionName, RequestHandler>>;
