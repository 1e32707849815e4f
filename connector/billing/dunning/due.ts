/** Which steps are due, and all that carrying them out needs to know. */
import type { Sql } from '../../db/database.ts';
import { noLiveJob } from '../../jobs/live.ts';
import type { DunningWork } from './steps.ts';

export interface DueStep {
  readonly id: number;
  readonly about: string;
  readonly step: string;
  readonly work: DunningWork;
  readonly dueAt: Date;
  readonly attempts: number;
}

export interface Case {
  readonly subscriptionId: number;
  readonly customerId: string;
  readonly status: string;
  readonly endedAt: Date | null;
  readonly orderId: number | null;
  readonly organisationId: number;
  readonly organisation: string;
  readonly contactName: string;
  readonly contactEmail: string;
  readonly locale: string;
  readonly project: string | null;
  readonly brand: string | null;
  readonly last4: string | null;
  /** Whether a mail of this trouble went out, and whether it came to a suspension. */
  readonly mailed: boolean;
  readonly everSuspended: boolean;
  /** Suspended for another reason as well. */
  readonly heldElsewhere: boolean;
  /** When access goes, if nothing is paid. */
  readonly suspendsAt: Date | null;
}

const DUE = 'd.done_at is null and d.due_at <= $1 and (d.retry_at is null or d.retry_at <= $1)';

/** Invoices and disputes with steps to carry out and no live job, oldest first. */
export async function pendingDunning(sql: Sql, now: Date): Promise<readonly string[]> {
  const { rows } = await sql.query<{ about: string }>(
    `select d.about from dunning_steps d where ${DUE} and ${noLiveJob('dunning', 'd.about')}
      group by d.about order by min(d.due_at) limit 500`,
    [now],
  );
  return rows.map((row) => row.about);
}

/** In the order of their days. */
export async function dueSteps(sql: Sql, about: string, now: Date): Promise<readonly DueStep[]> {
  const { rows } = await sql.query<DueStep>(
    `select d.id, d.about, d.step, d.work, d.due_at as "dueAt", d.attempts from dunning_steps d
      where d.about = $2 and ${DUE} order by d.due_at, d.position, d.id`,
    [now, about],
  );
  return rows;
}

/** @returns undefined when no organisation of ours stands behind it any more */
export async function caseOf(sql: Sql, about: string): Promise<Case | undefined> {
  const { rows } = await sql.query<Case>(
    `select s.id as "subscriptionId", s.customer_id as "customerId", s.status, s.ended_at as "endedAt",
            s.order_id as "orderId", g.id as "organisationId", g.name as organisation,
            g.contact_name as "contactName", g.contact_email as "contactEmail", g.locale, p.name as project,
            m.brand, m.last4,
            exists (select 1 from dunning_steps e where e.about = $1 and e.outcome->>'mail' = 'sent') as mailed,
            exists (select 1 from suspensions x where x.about = $1) as "everSuspended",
            exists (select 1 from suspensions x where x.subscription_id = s.id and x.about <> $1
              and x.lifted_at is null) as "heldElsewhere",
            (select min(e.due_at) from dunning_steps e
              where e.about = $1 and e.done_at is null and e.work->>'suspend' = 'access') as "suspendsAt"
       from dunning_steps d join subscriptions s on s.id = d.subscription_id
       join organisations g on g.id = s.organisation_id
       left join projects p on p.id = s.project_id
       left join lateral (select brand, last4 from payment_methods
          where customer_id = s.customer_id and subscription_provider_id in ('', s.provider_id)
          order by subscription_provider_id desc limit 1) m on true
      where d.about = $1 limit 1`,
    [about],
  );
  return rows[0];
}
