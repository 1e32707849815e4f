/** Tells staff in the ERP what a full pass found and cannot mend; once it is gone the activity goes too. */
import { DRIFT_RULES, type DriftKind } from '../billing/passes/drift.ts';
import { findBindings } from '../crm/bindings.ts';
import type { Crm } from '../crm/crm.ts';
import { html } from '../crm/html.ts';
import { externalId } from '../crm/ids.ts';
import type { Database } from '../db/database.ts';
import type { Log } from '../log.ts';

interface Deps {
  readonly db: Database;
  readonly crm: Pick<Crm, 'openCustomerActivity' | 'openActivity' | 'closeActivity'>;
  readonly log: Log;
  /** Lets a call through when the ERP can be reached and is ours. */
  readonly guard: <T>(call: () => Promise<T>) => Promise<T>;
}

interface Row {
  readonly kind: DriftKind;
  readonly subject: string;
  readonly organisationId: number | null;
  /** Bought past us: the subscription's record is all the ERP has of it. null: it is not about one of ours. */
  readonly subscriptionId: number | null;
}

const SUMMARY: Readonly<Record<DriftKind, string>> = {
  subscription_differs: 'Subscription differs from Stripe',
  subscription_unknown: 'Stripe has a subscription that is not recorded here',
  subscription_missing: 'Subscription is not at Stripe',
  erp_behind: 'ERP records are behind',
  erp_ahead: 'ERP record is newer than the connector’s',
  erp_record_gone: 'Subscription record was deleted',
  storage_bucket_missing: 'Storage bucket is gone with its files',
  storage_key_missing: 'Storage key is gone: the customer cannot reach the storage',
};

/** One pass; where the ERP has neither the customer nor the subscription a finding shows in the CLI and the metrics only. */
export async function announceDrifts(deps: Deps): Promise<void> {
  const open = await deps.db.query<Row>(
    `select d.kind, d.subject, c.organisation_id as "organisationId", s.id as "subscriptionId"
       from drifts d join customers c on c.id = d.customer_id
       left join subscriptions s on s.provider_id = d.subject
      where not d.healed and d.announced_at is null and d.resolved_at is null
        and (c.organisation_id is not null or s.id is not null)`,
  );
  for (const row of open.rows) await attempt(deps, row, () => announce(deps, row));
  const over = await deps.db.query<Row>(
    `select kind, subject, null as "organisationId", null as "subscriptionId" from drifts where resolved_at is not null`,
  );
  for (const row of over.rows) await attempt(deps, row, () => withdraw(deps, row));
}

const keyOf = ({ kind, subject }: Row): string => `drift_${kind}_${subject}`;

async function attempt(deps: Deps, row: Row, work: () => Promise<void>): Promise<void> {
  try {
    await deps.guard(work);
  } catch (error) {
    deps.log.warn({ drift: keyOf(row), err: error }, 'staff could not be told in the ERP; tried again');
  }
}

async function announce(deps: Deps, row: Row): Promise<void> {
  const key = keyOf(row);
  const summary = SUMMARY[row.kind];
  const note = [
    `${row.subject}: found by comparing Stripe, the connector, the ERP and storage.`,
    DRIFT_RULES[row.kind].advice,
  ];
  const { organisationId } = row;
  const told =
    organisationId !== null &&
    (await deps.crm.openCustomerActivity({
      key,
      orderId: null,
      organisationId,
      summary,
      note,
      deadline: null,
    }));
  if (!told) {
    const recordId = await recordOf(deps.db, row.subscriptionId);
    if (recordId === undefined) return;
    const text = note.map((line) => html`<p>${line}</p>`).join('');
    await deps.crm.openActivity({
      model: 'x_stripe_subscription',
      resId: recordId,
      key,
      summary,
      note: text,
    });
  }
  await deps.db.query('update drifts set announced_at = now() where kind = $1 and subject = $2', [
    row.kind,
    row.subject,
  ]);
}

async function recordOf(db: Database, subscriptionId: number | null): Promise<number | undefined> {
  if (subscriptionId === null) return undefined;
  const name = externalId.subscription(subscriptionId);
  return (await findBindings(db, [name])).get(name)?.resId ?? undefined;
}

async function withdraw(deps: Deps, row: Row): Promise<void> {
  await deps.crm.closeActivity({ key: keyOf(row) });
  await deps.db.query('delete from drifts where kind = $1 and subject = $2 and resolved_at is not null', [
    row.kind,
    row.subject,
  ]);
}
