/** What a sync of one customer changes, as people read it. */
import type { CustomerPlan } from '../../connector/billing/plan-customer.ts';
import { table } from './table.ts';

export function customerPlanText(plan: CustomerPlan, { dryRun }: { dryRun: boolean }): string {
  const { subscriptions, invoices, transitions } = plan;
  const who = plan.name === null ? plan.customer : `${plan.customer} (${plan.name})`;
  const isSame = subscriptions.length + invoices.length + transitions.length === 0;
  const changes = subscriptions.flatMap(({ subscription, isNew, changes: fields }) =>
    Object.entries(fields).map(([field, { here, stripe }]) => [
      subscription,
      field,
      isNew ? '(new)' : said(here),
      said(stripe),
    ]),
  );
  const bills = invoices.map(({ invoice, here, stripe }) => [invoice, 'status', here ?? '(new)', stripe]);
  return [
    ...(isSame ? [`${who}: our records say what Stripe says.`] : [`${who}:`]),
    ...(changes.length + bills.length > 0
      ? [table(['object', 'field', 'here', 'at Stripe'], [...changes, ...bills])]
      : []),
    ...(transitions.length > 0
      ? [
          '',
          table(
            ['follows', 'of', 'fact'],
            transitions.map((each) => [each.kind, each.subscription, each.fact ?? '']),
          ),
        ]
      : []),
    dryRun ? 'Dry run: nothing was changed.' : 'It is read anew.',
  ].join('\n');
}

const said = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
