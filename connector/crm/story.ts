/** What staff read in the chatter when a subscription's life turns: one sentence per turn, with links to Stripe. */
import type { Transition } from '../billing/transitions.ts';
import type { Sql } from '../db/database.ts';
import { link } from './html.ts';
import type { StoryNote } from './story-notes.ts';
import { type Scene, type SceneInvoice, type StorySetting, TELLERS } from './story-tellers.ts';

export type { StorySetting } from './story-tellers.ts';

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
  return fact.startsWith('in_') ? fact.split(':')[0]! : null;
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
