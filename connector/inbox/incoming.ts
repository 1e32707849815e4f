/** A parsed Stripe event as a row of the inbox: whose it is, and whether anybody here will work on it. */
import { maskPathTokens } from '../log.ts';
import { eventTable } from './event-table.ts';

export interface IncomingEvent {
  readonly id: string;
  readonly type: string;
  readonly apiVersion: string | null;
  readonly livemode: boolean;
  /** Whose lane; null: nobody's. */
  readonly customer: string | null;
  readonly objectId: string | null;
  readonly invoice: string | null;
  readonly created: Date;
  /** `ignored`: acknowledged and kept, but no work follows from it. */
  readonly state: 'open' | 'ignored';
  /** Why it is ignored. */
  readonly cause: string | null;
  /** The body as Stripe sent it, but for tokens in our own addresses: a session names its return page by the order's. */
  readonly payload: string;
}

/**
 * Reads what the inbox needs from an event of any API version, thin (v2) ones included.
 * @param parsed the parsed body; only its own, known fields are looked at
 * @returns null when this is no Stripe event
 */
export function readEvent(parsed: unknown, payload: string): IncomingEvent | null {
  if (!isRecord(parsed)) return null;
  const { id, type, livemode } = parsed;
  if (!plainText(id) || !plainText(type)) return null;
  const thin = parsed.object === 'v2.core.event';
  const created = thin ? isoDate(parsed.created) : unixDate(parsed.created);
  // Thin events of some types leave livemode out (docs.stripe.com/event-destinations: "thin events").
  const mode = typeof livemode === 'boolean' ? livemode : thin ? false : undefined;
  if (created === null || mode === undefined) return null;
  const event = {
    id,
    type,
    livemode: mode,
    created,
    payload: maskPathTokens(payload),
    apiVersion: text(parsed.api_version),
  };
  const ignored = (cause: string, objectId: string | null = null): IncomingEvent => {
    return { ...event, customer: null, objectId, invoice: null, state: 'ignored', cause };
  };
  if (thin) return ignored('thin_event');
  if (parsed.object !== 'event' || !isRecord(parsed.data) || !isRecord(parsed.data.object)) return null;
  const object = parsed.data.object;
  const objectId = text(object.id);
  const entry = eventTable.find(type);
  if (entry === undefined) return ignored('unknown_type', objectId);
  const customer = entry.customer(object);
  const invoice = entry.invoice(object);
  const named = invoice ?? entry.charge?.(object) ?? entry.method?.(object) ?? null;
  if (customer === null && !(entry.findOwner && named !== null)) return ignored('no_customer', objectId);
  return { ...event, customer, objectId, invoice, state: 'open', cause: null };
}

/** True when the event says which mode it belongs to and it is not ours. */
export const modeMismatch = (parsed: unknown, livemode: boolean): boolean =>
  isRecord(parsed) && typeof parsed.livemode === 'boolean' && parsed.livemode !== livemode;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// Event ids and types as Stripe makes them; a NUL or a novel in their place could not be stored as a key.
const plainText = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w.-]{1,255}$/.test(value);

const text = (value: unknown): string | null => (plainText(value) ? value : null);

/** @param value seconds since 1970 */
function unixDate(value: unknown): Date | null {
  return typeof value === 'number' && value >= 0 && value < 253_402_300_800 ? new Date(value * 1000) : null;
}

function isoDate(value: unknown): Date | null {
  const ms = typeof value === 'string' && /^\d{4}-/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : new Date(ms);
}
