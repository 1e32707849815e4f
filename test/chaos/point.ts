/** Where a connector process is killed: at a statement of its own database, before it runs or once it is committed. */
export interface KillPoint {
  /** As reports name it. */
  readonly name: string;
  /** Regular expression on the statement's text. */
  readonly statement: string;
  /** Regular expressions, each of which one of its parameters must match. */
  readonly params?: readonly string[];
  readonly when: 'before' | 'committed';
}

export function matches(point: KillPoint, text: string, params: readonly unknown[] = []): boolean {
  if (!new RegExp(point.statement, 's').test(text)) return false;
  const values = params.flat().filter((value) => typeof value === 'string');
  return (point.params ?? []).every((wanted) => values.some((value) => new RegExp(wanted).test(value)));
}

/** What a child gets with its first message. */
export interface ChildOrders {
  readonly database: { readonly url: string } | { readonly dataDir: string };
  readonly logFile: string;
  readonly heartbeatSeconds: number;
  readonly slots: { readonly lane: number; readonly run: number };
  /** Where to die, whatever is worked on; null: where the answer to `begun` says. */
  readonly point: KillPoint | null;
}

export type FromChild =
  | { readonly is: 'ready' }
  | { readonly is: 'refused'; readonly code: string; readonly message: string }
  /** It begins or resumes this run, and waits for the answer. */
  | { readonly is: 'begun'; readonly run: string }
  /** It has opened a connection. */
  | { readonly is: 'connected'; readonly socket: string };

export interface ToChild {
  readonly point: KillPoint | null;
}
