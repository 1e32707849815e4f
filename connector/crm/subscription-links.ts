/** What is known of a subscription's record only later than the record itself: where its workspace and its storage are. */
import type { Sale } from '../billing/sale.ts';
import { loadProblems } from '../odoo/load.ts';
import type { CrmContext } from './deps.ts';
import { type Facts, saleFacts, subscriptionFacts } from './facts.ts';
import { foundAgain } from './gone.ts';
import { externalId } from './ids.ts';
import { factsOf } from './mapping.ts';
import { fieldOf, type Values, valuesOf } from './values.ts';
import type { Workspace } from './workspace.ts';

export interface SubscriptionLinks {
  readonly recordId: number;
  readonly workspace: Pick<Workspace, 'workspaceId' | 'driver' | 'url'>;
  readonly bucketName: string;
}

/**
 * Writes the fields of these facts and no others, so that it never meets what the outbox writes. A field that is staff's
 * after creation is filled while it is empty.
 * @throws ConnectorError absent `erp_record_gone`
 */
export async function linkSubscription(
  deps: CrmContext,
  sale: Sale,
  { recordId, workspace, bucketName }: SubscriptionLinks,
): Promise<void> {
  const late: Facts = {
    'storage.bucket': bucketName,
    'workspace.url': workspace.url,
    ...(workspace.driver === 'attachments' && { 'link.workspace': workspace.workspaceId }),
  };
  const { subscription } = deps.mapping.records;
  const mapping = {
    ...subscription,
    fields: Object.fromEntries(
      Object.entries(subscription.fields).filter(([, rule]) => factsOf(rule).some((fact) => fact in late)),
    ),
  };
  const facts = { ...saleFacts(sale), ...subscriptionFacts(sale.subscription), ...late };
  const values = {
    ...valuesOf(mapping, facts, { only: 'always', empty: 'clear' }),
    ...(await whileEmpty(deps, recordId, valuesOf(mapping, facts, { only: 'once' }))),
  };
  const columns = Object.keys(values);
  if (columns.length === 0) return;
  const { model } = mapping;
  const load = (id: number) =>
    deps.odoo.load(model, ['.id', ...columns], [[id, ...columns.map((column) => values[column]!)]]);
  try {
    await load(recordId);
  } catch (thrown) {
    if (!loadProblems(thrown).some((problem) => problem.field === '.id')) throw thrown;
    await load(await foundAgain(deps, model, externalId.subscription(sale.subscription.id), recordId));
  }
}

async function whileEmpty({ odoo, mapping }: CrmContext, id: number, values: Values): Promise<Values> {
  const columns = Object.keys(values);
  if (columns.length === 0) return values;
  const [now] = await odoo.call<Record<string, unknown>[]>(mapping.records.subscription.model, 'read', {
    ids: [id],
    fields: columns.map(fieldOf),
  });
  const empty = columns.filter((column) => now?.[fieldOf(column)] === false);
  return Object.fromEntries(empty.map((column) => [column, values[column]!]));
}
