/** The sentences of the story: what each turn of a subscription's life is called in the chatter. */
import type { NamedAddOn } from '../billing/life-changes.ts';
import type { TransitionKind } from '../billing/planned-transition.ts';
import { formatMoney } from '../stripe-money.ts';
import { html, link } from './html.ts';

export interface StorySetting {
  /** Address of Stripe's Dashboard for this mode, without a trailing slash. */
  readonly dashboard: string;
  readonly planName: (key: string) => string;
  readonly addOnName: (key: string) => string;
}

export interface Scene {
  readonly subscriptionId: number;
  readonly orderId: number | null;
  readonly providerId: string;
  readonly planKey: string;
  readonly interval: string | null;
  readonly periodEnd: Date | null;
  readonly cancelAt: Date | null;
  readonly trialEnd: Date | null;
  readonly invoice: SceneInvoice | null;
  /** The invoice is the one that began the subscription. */
  readonly isFirstPayment: boolean;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface SceneInvoice {
  readonly providerId: string;
  readonly number: string | null;
  readonly currency: string;
  readonly amountPaid: number;
  readonly amountDue: number;
  readonly url: string | null;
  readonly nextAttempt: Date | null;
  /** Payment attempts that failed before. */
  readonly failures: number;
}

/** HTML of the note; null: nothing worth telling. */
type Teller = (scene: Scene, setting: StorySetting) => string | null;

/** By stage of the dispute. */
const DISPUTED: Readonly<Record<string, string>> = {
  inquiry: 'Bank asks about a payment',
  appeal: 'Dispute appealed',
};

/** By kind of transition. One without an entry is told by another, or not at all. */
export const TELLERS: Readonly<Partial<Record<TransitionKind, Teller>>> = {
  paid: (scene, setting) =>
    scene.data.trial === true
      ? html`<p><b>Trial begun</b>: ${plan(scene, setting)}${until('free until', scene.trialEnd)}.</p>`
      : paidFor('Paid', scene, setting),
  won: (scene, setting) =>
    scene.isFirstPayment ? null : paidFor('First payment after the trial', scene, setting),
  // One that was in trouble before is told as recovered.
  renewed: (scene, setting) =>
    (scene.invoice?.failures ?? 0) > 0 ? null : paidFor('Renewed', scene, setting),
  payment_failed: (scene) => unpaid('Payment failed', scene),
  payment_action_required: (scene) => unpaid('Payment waits for the customer’s bank', scene),
  payment_recovered: (scene, setting) =>
    scene.data.how === 'void'
      ? withInvoice('Payment forgiven', scene, 'The invoice is void.')
      : paidFor('Payment recovered', scene, setting),
  refunded: (scene) => withInvoice('Refunded', scene, reason(scene)),
  refund_failed: (scene) => withInvoice('Refund failed', scene, 'Stripe could not return the money.'),
  disputed: (scene) =>
    withInvoice(
      DISPUTED[String(scene.data.stage)] ?? 'Payment disputed',
      scene,
      `${reason(scene)}${until('evidence due by', scene.data.evidenceDueBy)}`,
    ),
  dispute_closed: (scene) => withInvoice('Dispute closed', scene, `Outcome: ${scene.data.status}.`),

  plan_changed: ({ data }, { planName }) =>
    html`<p><b>Plan changed</b>: from ${planName(String(data.from))} to ${planName(String(data.to))}.</p>`,
  interval_changed: ({ data }) => html`<p><b>Billing interval changed</b>: by the ${data.to}.</p>`,
  quantity_changed: ({ data }) => html`<p><b>Quantity changed</b>: from ${data.from} to ${data.to}.</p>`,
  addons_changed: ({ data }, setting) =>
    html`<p><b>Add-ons</b>: ${[addOns('added', data.added, setting), addOns('removed', data.removed, setting)].filter((part) => part !== '').join('; ')}.</p>`,
  change_scheduled: ({ data }, { planName }) =>
    html`<p><b>Change scheduled</b>: ${planName(String(data.planKey))}${until('from', data.at)}.</p>`,
  change_revoked: () => html`<p><b>Scheduled change revoked</b>: the plan stays.</p>`,
  cancel_scheduled: ({ data }) => html`<p><b>Cancelled</b>${until('ends on', data.at)}.</p>`,
  cancel_revoked: () => html`<p><b>Reactivated</b>: it goes on.</p>`,
  paused: () => html`<p><b>Paused</b>: nothing is billed meanwhile.</p>`,
  resumed: () => html`<p><b>Resumed</b>.</p>`,
  suspended: ({ data }) => html`<p><b>Suspended</b>: ${data.level}, for ${data.about}.</p>`,
  unsuspended: ({ data }) => html`<p><b>Suspension lifted</b>: ${data.about} is settled.</p>`,
  unordered: (scene, setting) =>
    html`<p><b>Found in Stripe without an order</b>: ${plan(scene, setting)}. Nothing is provisioned until staff decide.</p>`,
  ended: ({ data }) => html`<p><b>Ended</b> (${data.status === 'canceled' ? 'cancelled' : data.status}).</p>`,
};

function paidFor(what: string, scene: Scene, setting: StorySetting): string {
  return withInvoice(what, scene, `${plan(scene, setting)}${until('until', scene.periodEnd)}.`);
}

/** The amount is the fact's own where it has one: a refund need not be the whole invoice. */
function withInvoice(what: string, { invoice, data }: Scene, more: string): string {
  const currency = typeof data.currency === 'string' ? data.currency : invoice?.currency;
  const amount = typeof data.amount === 'number' ? data.amount : invoice?.amountPaid;
  const money = currency && amount ? html`: ${formatMoney(amount, currency, { locale: 'en' })}` : '';
  const of = invoice === null ? '' : `, invoice ${invoiceLink(invoice)}`;
  return `${html`<p><b>${what}</b>`}${money}${of}. ${html`${more}`}</p>`;
}

function unpaid(what: string, { invoice, data }: Scene): string | null {
  if (invoice === null) return null;
  const due = formatMoney(invoice.amountDue, invoice.currency, { locale: 'en' });
  const said = html`<p><b>${what}</b>, attempt ${data.attempt}: ${due}, invoice `;
  return `${said}${invoiceLink(invoice)}${html`${until('Stripe tries again on', invoice.nextAttempt)}`}.</p>`;
}

const reason = ({ data }: Scene): string =>
  typeof data.reason === 'string' ? `Reason: ${data.reason.replaceAll('_', ' ')}` : '';

/** `added 2 × E-mail pack 5, Custom domain (bridge.example)` */
function addOns(what: string, given: unknown, { addOnName }: StorySetting): string {
  const named = given as readonly NamedAddOn[];
  if (named.length === 0) return '';
  const each = named.map(
    ({ addOnKey, quantity, domain }) =>
      `${quantity > 1 ? `${quantity} × ` : ''}${addOnName(addOnKey)}${domain === null ? '' : ` (${domain})`}`,
  );
  return `${what} ${each.join(', ')}`;
}

function plan({ planKey, interval }: Scene, { planName }: StorySetting): string {
  const every = interval === null ? '' : `, by the ${interval}`;
  return `Plan ${planName(planKey)}${every}`;
}

/** A date of the fact's data is a Date or its ISO text. */
function until(word: string, date: unknown): string {
  if (date === null || date === undefined) return '';
  return `, ${word} ${new Date(date as string | Date).toISOString().slice(0, 10)}`;
}

const invoiceLink = ({ url, number, providerId }: SceneInvoice): string =>
  url === null ? html`${number ?? providerId}` : link(url, number ?? providerId);
