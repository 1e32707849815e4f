/** Tells customers that their trial ends, once for each end; and finds trials whose notice from the provider was lost. */
import type { Database } from '../db/database.ts';
import { asConnectorError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Catalogue } from './catalogue.ts';
import { findPlan } from './plans.ts';
import { NOTICE_DAYS } from './trial-ending.ts';

interface TrialMail {
  readonly fact: string;
  readonly to: { readonly name: string; readonly email: string };
  readonly template: 'trial-ending';
  readonly locale: string;
  readonly data: Record<string, unknown>;
}

interface NoticeDeps {
  readonly db: Database;
  readonly catalogue: Catalogue;
  readonly publicUrl: string;
  readonly sendMail: (mail: TrialMail) => Promise<unknown>;
  /** Has the customer read anew: the sync is what says that a trial ends. */
  readonly syncNow: (customerId: string) => Promise<void>;
  readonly now: () => Date;
  readonly log: Log;
}

interface Ending {
  readonly transition: number;
  readonly planKey: string;
  readonly amount: number;
  readonly currency: string;
  readonly interval: string | null;
  readonly trialEnd: Date;
  readonly name: string;
  readonly email: string;
  readonly locale: string;
  readonly organisation: string;
  readonly project: string | null;
}

const ENDING = `s.status = 'trialing' and s.trial_end > $1`;
const SAID = `t.kind = 'trial_will_end' and t.fact = 'trial_' || floor(extract(epoch from s.trial_end))::bigint`;

/** What no longer holds, such as a trial that was prolonged meanwhile, is not told. @returns how many mails were sent */
export async function sendTrialNotices(deps: NoticeDeps): Promise<number> {
  await askForUnsaid(deps);
  const { rows } = await deps.db.query<Ending>(
    `select t.id as transition, s.plan_key as "planKey", s.recurring_amount as amount, s.currency,
            s.billing_interval as interval, s.trial_end as "trialEnd", g.contact_name as name,
            g.contact_email as email, g.locale, g.name as organisation, p.name as project
       from subscriptions s join transitions t on t.subscription_id = s.id and ${SAID}
       join organisations g on g.id = s.organisation_id left join projects p on p.id = s.project_id
      where ${ENDING} and s.cancel_at is null and s.plan_key is not null
        and not exists (select 1 from mails m where m.fact = 'trial_' || t.id and m.status = 'sent')
      order by s.trial_end limit 500`,
    [deps.now()],
  );
  let sent = 0;
  for (const ending of rows) if (await send(deps, ending)) sent += 1;
  return sent;
}

/** One that cannot be mailed keeps no other waiting; it is tried again with the next round. */
async function send(deps: NoticeDeps, ending: Ending): Promise<boolean> {
  const { transition, name, email, locale, organisation, amount, currency, interval, trialEnd } = ending;
  try {
    await deps.sendMail({
      fact: `trial_${transition}`,
      to: { name, email },
      template: 'trial-ending',
      locale,
      data: {
        name,
        organisation,
        project: ending.project ?? organisation,
        plan: findPlan(deps.catalogue, ending.planKey)?.name ?? ending.planKey,
        amount,
        currency,
        yearly: interval === 'year',
        endsOn: trialEnd.toISOString(),
        billingUrl: `${deps.publicUrl}/billing`,
      },
    });
    return true;
  } catch (thrown) {
    deps.log.warn(
      { err: asConnectorError(thrown), transition },
      'the end of a trial could not be mailed yet',
    );
    return false;
  }
}

async function askForUnsaid({ db, now, syncNow }: NoticeDeps): Promise<void> {
  const { rows } = await db.query<{ customerId: string }>(
    `select distinct s.customer_id as "customerId" from subscriptions s
      where ${ENDING} and s.trial_end <= $2 and s.cancel_at is null and s.plan_key is not null
        and not exists (select 1 from transitions t where t.subscription_id = s.id and ${SAID})
      limit 500`,
    [now(), new Date(now().getTime() + NOTICE_DAYS * 86_400_000)],
  );
  for (const { customerId } of rows) await syncNow(customerId);
}
