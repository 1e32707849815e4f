/** What staff read in the chatter when a subscription's life turns: one sentence per turn, with links to Stripe. */
import type { Transition } from '../billing/transitions.ts';
import type { Sql } from '../db/database.ts';
import { formatMoney } from '../stripe-money.ts';
import { html, link } from './html.ts';
import type { StoryNote } from './story-notes.ts';

export interface StorySetting {
  /** Address of Stripe's Dashboard for this mode, without a trailing slash. */
  readonly dashboard: string;
  readonly planName: (key: string) => string;
}

interface Scene {
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

interface SceneInvoice {
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

/** HTML of the note; null: nothing worth telling. A kind without an entry is told by somebody else, or not at all. */
type Teller = (scene: Scene, setting: StorySetting) => string | null;

const TELLERS: Readonly<Partial<Record<string, Teller>>> = {
  paid: (scene, setting) =>
    scene.data.trial === true
      ? html`<p><b>Trial begun</b>: ${plan(scene, setting)}${until('free until', scene.trialEnd)}.</p>`
      : told('Paid', scene, setting),

  won: (scene, setting) =>
    scene.isFirstPayment ? null : told('First payment after the trial', scene, setting),

  renewed: (scene, setting) =>
    told((scene.invoice?.failures ?? 0) > 0 ? 'Payment recovered' : 'Renewed', scene, setting),

  payment_failed({ invoice, data }) {
    if (invoice === null) return null;
    const due = formatMoney(invoice.amountDue, invoice.currency, { locale: 'en' });
    const said = html`<p><b>Payment failed</b>, attempt ${data.attempt}: ${due}, invoice `;
    return `${said}${invoiceLink(invoice)}${until('Stripe tries again on', invoice.nextAttempt)}.</p>`;
  },

  unordered: (scene, setting) =>
    html`<p><b>Found in Stripe without an order</b>: ${plan(scene, setting)}. Nothing is provisioned until staff decide.</p>`,

  ended: ({ data }) => html`<p><b>Ended</b> (${data.status === 'canceled' ? 'cancelled' : data.status}).</p>`,
};

/** @returns undefined when this turn has no note */
export async function tell(
  sql: Sql,
  setting: StorySetting,
  transition: Transition,
): Promise<StoryNote | undefined> {
  const teller = TELLERS[transition.kind];
  if (teller === undefined) return undefined;
  const scene = await readScene(sql, transition);
  const said = scene && teller(scene, setting);
  if (scene === undefined || said == null) return undefined;
  const { subscriptionId, orderId, providerId } = scene;
  const inStripe = link(`${setting.dashboard}/subscriptions/${providerId}`, 'Open in Stripe');
  return { subscriptionId, orderId, key: `transition_${transition.id}`, html: `${said}<p>${inStripe}</p>` };
}

function told(what: string, scene: Scene, setting: StorySetting): string {
  const { invoice } = scene;
  const plans = html`${plan(scene, setting)}${until('until', scene.periodEnd)}`;
  if (invoice === null) return `${html`<p><b>${what}</b>: `}${plans}.</p>`;
  const amount = formatMoney(invoice.amountPaid, invoice.currency, { locale: 'en' });
  return `${html`<p><b>${what}</b>: ${amount}, invoice `}${invoiceLink(invoice)}. ${plans}.</p>`;
}

function plan({ planKey, interval }: Scene, { planName }: StorySetting): string {
  const every = interval === null ? '' : `, by the ${interval}`;
  return `Plan ${planName(planKey)}${every}`;
}

const until = (word: string, date: Date | null): string =>
  date === null ? '' : `, ${word} ${date.toISOString().slice(0, 10)}`;

const invoiceLink = ({ url, number, providerId }: SceneInvoice): string =>
  url === null ? html`${number ?? providerId}` : link(url, number ?? providerId);

/** @returns undefined: a product we do not sell, or one nobody paid for, which has no record */
async function readScene(sql: Sql, transition: Transition): Promise<Scene | undefined> {
  const { rows } = await sql.query<Omit<Scene, 'data' | 'invoice'>>(
    `select id as "subscriptionId", order_id as "orderId", provider_id as "providerId", plan_key as "planKey",
            billing_interval as interval, current_period_end as "periodEnd", cancel_at as "cancelAt",
            trial_end as "trialEnd",
            exists (select 1 from transitions t where t.subscription_id = s.id and t.kind = 'paid'
                      and t.data->>'invoice' = $2) as "isFirstPayment"
       from subscriptions s
      where id = $1 and plan_key is not null and (access <> 'none' or order_id is null)`,
    [transition.subscriptionId, invoiceOf(transition)],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { data } = transition;
  return { ...row, data, invoice: await readInvoice(sql, invoiceOf(transition)) };
}

/** Facts of money begin with the invoice they are about; the first payment names it in its data. */
function invoiceOf({ fact, data }: Transition): string | null {
  if (typeof data.invoice === 'string') return data.invoice;
  return fact.startsWith('in_') ? (fact.split(':')[0] ?? null) : null;
}

async function readInvoice(sql: Sql, id: string | null): Promise<SceneInvoice | null> {
  if (id === null) return null;
  const { rows } = await sql.query<SceneInvoice>(
    `select provider_id as "providerId", number, currency, amount_paid as "amountPaid", amount_due as "amountDue",
            hosted_invoice_url as url, next_payment_attempt as "nextAttempt",
            (select count(*) from transitions t where t.subscription_id = i.subscription_id
               and t.kind = 'payment_failed' and t.fact like i.provider_id || ':%') as failures
       from invoices i where provider_id = $1`,
    [id],
  );
  return rows[0] ?? null;
}
