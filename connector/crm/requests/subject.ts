/** Which of our subscriptions a record in the ERP stands for. */
import type { Sql } from '../../db/database.ts';
import { ConnectorError } from '../../errors.ts';

export interface SubjectSubscription {
  /** Our number. */
  readonly id: number;
  readonly customerId: string;
  /** Of the organisation, `auto` where there is none. */
  readonly locale: string;
}

/** @throws ConnectorError absent `request_record_foreign` */
export async function subscriptionOf(
  sql: Sql,
  record: { model: string; resId: number },
): Promise<SubjectSubscription> {
  const { rows } = await sql.query<SubjectSubscription>(
    `select s.id, s.customer_id as "customerId", coalesce(o.locale, 'auto') as locale
       from erp_records r
       join subscriptions s on r.external_id = 'stripe_connector.subscription_' || s.id || '_record'
       left join organisations o on o.id = s.organisation_id
      where r.model = $1 and r.res_id = $2`,
    [record.model, record.resId],
  );
  if (rows[0] !== undefined) return rows[0];
  throw new ConnectorError({
    kind: 'absent',
    code: 'request_record_foreign',
    message: 'The connector did not make this subscription record and knows nothing of it.',
    advice: 'Records are made by the connector alone: delete this one.',
  });
}
