/**
 * The Stripe events this connector listens to: whose lane each belongs to and which invoice it names. Nothing else is
 * read from a payload; the lane fetches current objects. The webhook endpoint is made with exactly these types.
 */
import { ConnectorError } from '../errors.ts';

/** An event's `data.object`, of whatever API version. */
export type EventObject = Readonly<Record<string, unknown>>;

export interface EventEntry {
  readonly type: string;
  /** Why the business cares; printed in the docs. */
  readonly why: string;
  /** Stripe customer id, or null when the object has none. */
  readonly customer: (object: EventObject) => string | null;
  /** An invoice the sync must look at whatever its age. */
  readonly invoice: (object: EventObject) => string | null;
  /** Where the object names no customer, what it names is enough to find out whose it is. */
  readonly findOwner?: true;
  /** Money of a charge moved: its refunds and disputes are read anew. */
  readonly charge?: (object: EventObject) => string | null;
  /** A payment method that names its customer no more. */
  readonly method?: (object: EventObject) => string | null;
  /** The invoice it names has credit notes to be read anew. */
  readonly credits?: true;
}

export interface EventTable {
  find(type: string): EventEntry | undefined;
  /** Sorted; what the endpoint listens to. */
  types(): readonly string[];
  entries(): readonly EventEntry[];
}

/** A reference is an id or, expanded, the object itself (docs.stripe.com/api/expanding_objects). */
const idOf = (reference: unknown): string | null => {
  const id =
    typeof reference === 'object' && reference !== null ? (reference as { id?: unknown }).id : reference;
  // Ids are short and plain; anything else is not one, and must not become a key of ours.
  return typeof id === 'string' && /^\w{1,255}$/.test(id) ? id : null;
};

/** Of a body as it is stored. */
export const eventObject = (payload: string): EventObject =>
  (JSON.parse(payload) as { data: { object: EventObject } }).data.object;

const ofCustomer = (object: EventObject) => idOf(object.customer);
const itself = (object: EventObject) => idOf(object);
const none = () => null;
const latestInvoice = (object: EventObject) => idOf(object.latest_invoice);
const ownInvoice = (object: EventObject) => idOf(object.invoice);
const ownCharge = (object: EventObject) => idOf(object.charge);

const group = (
  prefix: string,
  read: Omit<EventEntry, 'type' | 'why'>,
  whys: Readonly<Record<string, string>>,
): readonly EventEntry[] =>
  Object.entries(whys).map(([name, why]) => ({ type: `${prefix}.${name}`, why, ...read }));

const ENTRIES: readonly EventEntry[] = [
  ...group(
    'checkout.session',
    { customer: ofCustomer, invoice: ownInvoice },
    {
      completed: 'A customer has finished checkout; with most cards it is paid as well.',
      async_payment_succeeded: 'A slow payment method (bank debit) has paid after checkout.',
      async_payment_failed: 'A slow payment method has failed after checkout.',
      expired: 'A checkout was left open until it closed; its order may be abandoned.',
    },
  ),
  ...group(
    'invoice',
    { customer: ofCustomer, invoice: itself },
    {
      paid: 'Money has arrived; the first invoice of a subscription starts provisioning.',
      payment_succeeded: 'The same fact as invoice.paid.',
      payment_failed: 'A payment did not go through.',
      payment_action_required: 'The bank asks the customer to confirm a payment.',
      voided: 'An invoice is no longer owed.',
      marked_uncollectible: 'An invoice is written off; it may still be paid.',
    },
  ),
  // Neither of these names its customer: that is found by the invoice, or by the charge.
  ...group(
    'invoice_payment',
    { customer: none, invoice: ownInvoice, findOwner: true },
    { paid: 'A payment of an invoice, maybe one of several, has arrived.' },
  ),
  ...group(
    'charge.dispute',
    { customer: none, invoice: none, charge: ownCharge, findOwner: true },
    {
      created: 'A cardholder contests a payment; evidence is due by a date.',
      updated: 'Evidence was sent, or the bank has answered.',
      funds_withdrawn: 'The contested money was taken from our balance.',
      funds_reinstated: 'The contested money came back.',
      closed: 'The bank has decided.',
    },
  ),
  ...group(
    'charge',
    { customer: ofCustomer, invoice: none, charge: itself },
    { refunded: 'A payment was given back, whole or in part.' },
  ),
  ...group(
    'refund',
    { customer: ofCustomer, invoice: none, charge: ownCharge, findOwner: true },
    {
      created: 'A refund was made, by staff or by Stripe.',
      updated: 'A refund has arrived, or waits.',
      failed: 'The customer’s bank sent a refund back.',
    },
  ),
  ...group(
    'credit_note',
    { customer: ofCustomer, invoice: ownInvoice, credits: true },
    {
      created: 'An invoice is worth less: its amount due follows.',
      updated: 'A credit note has changed.',
      voided: 'A credit note no longer counts.',
    },
  ),
  ...group(
    'payment_method',
    { customer: ofCustomer, invoice: none },
    {
      attached: 'A card or bank account was added.',
      updated: 'A card’s expiry has changed.',
      automatically_updated: 'The bank has replaced a card.',
    },
  ),
  // Taken off, it names nobody any more.
  ...group(
    'payment_method',
    { customer: none, invoice: none, method: itself, findOwner: true },
    { detached: 'A card or bank account was taken off; we forget it.' },
  ),
  ...group(
    'customer.subscription',
    { customer: ofCustomer, invoice: latestInvoice },
    {
      created: 'A subscription exists, from checkout or made by staff in the Dashboard.',
      updated: 'Plan, quantity, period, status or cancellation has changed.',
      deleted: 'A subscription has ended.',
      paused: 'A subscription rests: nothing is billed until it is resumed.',
      resumed: 'A subscription is taken up again.',
      trial_will_end: 'A trial ends in three days; the customer is told.',
      pending_update_applied: 'The payment a change waited for has come: the new plan holds.',
      pending_update_expired: 'The payment a change waited for never came: the old plan stays.',
    },
  ),
  // A change scheduled for the end of the period alters the schedule alone, and says nothing of the subscription.
  ...group(
    'subscription_schedule',
    { customer: ofCustomer, invoice: none },
    {
      updated: 'What comes at the end of the period has changed, or has come.',
      released: 'What was to come at the end of the period is dropped, or done.',
      canceled: 'A subscription has ended, and with it what was to come.',
    },
  ),
  ...group(
    'customer',
    { customer: itself, invoice: none },
    {
      created: 'A customer exists at Stripe.',
      updated: 'Name or address of a customer has changed.',
      deleted: 'A customer was deleted at Stripe; its subscriptions have ended with it.',
    },
  ),
];

/** @throws ConnectorError `event_registered_twice` */
export function createEventTable(entries: readonly EventEntry[]): EventTable {
  const byType = new Map<string, EventEntry>();
  for (const entry of entries) {
    if (byType.has(entry.type)) throw registeredTwice(entry.type);
    byType.set(entry.type, Object.freeze(entry));
  }
  const types = Object.freeze([...byType.keys()].sort());
  return { find: (type) => byType.get(type), types: () => types, entries: () => [...byType.values()] };
}

export const eventTable: EventTable = createEventTable(ENTRIES);

export const registeredTypes = (): readonly string[] => eventTable.types();

const registeredTwice = (type: string) =>
  new ConnectorError({
    kind: 'bug',
    code: 'event_registered_twice',
    message: `The event type ${type} is in the table twice.`,
    advice: 'Keep one entry: an event has one lane.',
  });
