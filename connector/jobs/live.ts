import type { QueueName } from './claim.ts';

/**
 * SQL: true when no job of `queue` is waiting or running for the key. Policy and coalesce are spelled out because they
 * are the partial unique index of pg-boss 12's `exclusive` queues, which then answers this without a scan.
 * @param keyExpression trusted SQL, such as `e.customer`
 */
export const noLiveJob = (queue: QueueName, keyExpression: string): string =>
  `not exists (select 1 from pgboss.job j where j.name = '${queue}' and j.policy = 'exclusive'
    and j.state <= 'active' and coalesce(j.singleton_key, '') = ${keyExpression})`;
