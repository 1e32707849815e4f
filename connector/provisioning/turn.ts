/** Whose turn it is: one run at a time per subscription, and per project, which two subscriptions may share one after the other. */
import { noLiveJob } from '../jobs/live.ts';

const LIVE = "('running', 'waiting', 'needs_attention')";

/**
 * SQL: true when another run must come to its end before run `r`. One that was superseded counts as long as a worker
 * still carries out its last step: what it does outside cannot be fenced.
 */
export const mustWait = (r: string): string => `(
  exists (select 1 from runs o where o.subscription_id = ${r}.subscription_id and o.id <> ${r}.id
           and (o.status in ${LIVE} or (o.status = 'superseded' and not ${noLiveJob('run', 'o.id::text')})))
  or exists (select 1 from subscriptions rs
               join subscriptions os on os.project_id = rs.project_id and os.id <> rs.id
               join runs o on o.subscription_id = os.id
              where rs.id = ${r}.subscription_id
                and (o.status in ${LIVE} or (o.status = 'superseded' and not ${noLiveJob('run', 'o.id::text')}))))`;
