/** What every system of the sandbox is given, and what it gives back to the frame. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { SandboxClock } from './clock.ts';
import type { Store } from './store.ts';

export type SystemName = 'stripe' | 'odoo' | 'b2' | 'bep' | 'rdap' | 'mail';
export type HttpSystemName = Exclude<SystemName, 'mail'>;

export const HTTP_SYSTEMS: readonly HttpSystemName[] = ['stripe', 'odoo', 'b2', 'bep', 'rdap'];

export interface SystemContext {
  /** Only this system's own collections. */
  readonly store: Store;
  readonly clock: Pick<SandboxClock, 'now' | 'onAdvance'>;
  readonly log: (line: string) => void;
}

export interface HttpContext extends SystemContext {
  /** This system's own address, without a trailing slash; known once it listens. */
  readonly url: () => string;
  /** Where the connector takes its webhooks, when the world was started with one. */
  readonly webhookUrl: string | undefined;
}

/** A request as counters and faults see it. */
export interface BufferedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The request given to a handler: a replayed stream for body parsers, and the same bytes at once. */
export type ReplayedRequest = IncomingMessage & { readonly rawBody: Buffer };

export interface HttpSystem {
  readonly name: HttpSystemName;
  /** May be an express app with its own body parsers, or use `rawBody`. */
  readonly handler: (req: ReplayedRequest, res: ServerResponse) => void;
  /** Names a request for counters and faults: `POST /v1/checkout/sessions`, `res.partner.load`, `b2_create_bucket`. */
  readonly operation: (request: BufferedRequest) => string;
  stop?(): Promise<void>;
}

/** `S` adds the typed handle: reading the system's state, and acting as a person in it. */
export type SystemFactory<S extends HttpSystem = HttpSystem> = (context: HttpContext) => S;
