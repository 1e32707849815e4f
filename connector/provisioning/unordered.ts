/**
 * Subscriptions of our plans that no order explains (made in the Dashboard): staff see the record and are asked, until
 * one of them has pressed Provision or the subscription has ended.
 */
import { readSubscription } from '../billing/read-subscription.ts';
import type { Crm } from '../crm/crm.ts';
import { html } from '../crm/html.ts';
import type { Database } from '../db/database.ts';
import type { Log } from '../log.ts';

interface Deps {
  readonly db: Database;
  readonly crm: Pick<Crm, 'ensureUnordered' | 'openActivity' | 'closeActivity'>;
  readonly log: Log;
  /** Lets a call through when the ERP can be reached and is ours. */
  readonly guard: <T>(call: () => Promise<T>) => Promise<T>;
}

interface Row {
  readonly transitionId: number;
  readonly subscriptionId: number;
  readonly customerId: string;
  readonly customerName: string | null;
  readonly organisationId: number | null;
  /** Taken over on an operator's word: the record is made, nobody is asked. */
  readonly imported: boolean;
}

/** One pass over those staff were not told of yet; an ERP that is down is tried again at the next. */
export async function announceUnordered(deps: Deps): Promise<void> {
  const { rows } = await deps.db.query<Row>(
    `select t.id as "transitionId", s.id as "subscriptionId", c.id as "customerId", c.name as "customerName",
            c.organisation_id as "organisationId", c.imported_at is not null as imported
       from transitions t join subscriptions s on s.id = t.subscription_id join customers c on c.id = s.customer_id
      where t.kind = 'unordered' and not t.data ? 'told' and s.order_id is null`,
  );
  for (const row of rows) await attempt(deps, row.subscriptionId, () => announce(deps, row));
  const settled = await deps.db.query<Pick<Row, 'transitionId' | 'subscriptionId'>>(
    `select t.id as "transitionId", s.id as "subscriptionId"
       from transitions t join subscriptions s on s.id = t.subscription_id
      where t.kind = 'unordered' and t.data ? 'told' and not t.data ? 'withdrawn'
        and (s.order_id is not null or s.ended_at is not null)`,
  );
  for (const row of settled.rows) await attempt(deps, row.subscriptionId, () => withdraw(deps, row));
}

async function attempt(deps: Deps, subscriptionId: number, work: () => Promise<void>): Promise<void> {
  try {
    await deps.guard(work);
  } catch (error) {
    deps.log.warn({ subscriptionId, err: error }, 'staff could not be told in the ERP yet');
  }
}

async function withdraw(deps: Deps, row: Pick<Row, 'transitionId' | 'subscriptionId'>): Promise<void> {
  await deps.crm.closeActivity({ key: `unordered_${row.subscriptionId}` });
  await mark(deps, row.transitionId, 'withdrawn');
}

async function mark(deps: Deps, transitionId: number, what: 'told' | 'withdrawn'): Promise<void> {
  await deps.db.query('update transitions set data = data || $2::jsonb where id = $1', [
    transitionId,
    JSON.stringify({ [what]: true }),
  ]);
}

async function announce(deps: Deps, row: Row): Promise<void> {
  const subscription = (await readSubscription(deps.db, row.subscriptionId))!;
  const customerName = row.customerName ?? row.customerId;
  const { recordId } = await deps.crm.ensureUnordered({
    subscription,
    customerId: row.customerId,
    customerName,
    organisationId: row.organisationId,
  });
  if (row.imported) return mark(deps, row.transitionId, 'told');
  await deps.crm.openActivity({
    model: 'x_stripe_subscription',
    resId: recordId,
    key: `unordered_${row.subscriptionId}`,
    summary: 'Subscription without an order',
    note: [
      `${customerName} has the subscription ${subscription.providerId} (${subscription.planKey}), but no order of ours explains it.`,
      'Nothing was provisioned. Press Provision to make a project and storage for the customer, or cancel the subscription.',
    ]
      .map((line) => html`<p>${line}</p>`)
      .join(''),
  });
  await mark(deps, row.transitionId, 'told');
}
