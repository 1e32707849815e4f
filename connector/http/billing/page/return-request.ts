/** From the form of somebody who comes back to what is bought: looked at first, then ordered once. */
import { createHash } from 'node:crypto';
import { type AccountOrganisation, currencyOfOrganisation } from '../../../billing/account/organisation.ts';
import { subscriptionsOf } from '../../../billing/account/subscriptions.ts';
import type { BillingInterval, Catalogue } from '../../../billing/catalogue.ts';
import { noPriceForTier, previewOutOfDate, tierNotFound } from '../../../billing/commands/errors.ts';
import { hasEnded } from '../../../billing/has-ended.ts';
import { inCurrency } from '../../../billing/in-currency.ts';
import { findPlan } from '../../../billing/plans.ts';
import { setupDueOnReturn } from '../../../billing/return-setup.ts';
import { perform, requireBody } from '../perform.ts';
import type { BillingDeps } from '../route.ts';
import { dueNow, type Return } from './return-page.ts';

type Form = Readonly<Record<string, string>>;

/** As the API's route takes it: `after` only names the wish, and `due` what it was said to cost. */
function bodyOf({ after: _, due: __, quantity, ...rest }: Form): Record<string, unknown> {
  return { ...rest, ...(quantity !== undefined && { quantity: Number(quantity) }) };
}

/** @throws ConnectorError `invalid_request`, absent `tier_not_found`, permanent `no_price_for_tier` */
export async function readReturn(
  { commands: { db }, catalogue: own }: Pick<BillingDeps, 'commands' | 'catalogue'>,
  organisation: AccountOrganisation,
  form: Form,
): Promise<{ readonly catalogue: Catalogue; readonly wanted: Return }> {
  requireBody('createSubscription', bodyOf(form));
  const catalogue = inCurrency(own, (await currencyOfOrganisation(db, organisation.id)) ?? own.currency);
  const plan = findPlan(catalogue, form.plan_key!);
  if (plan === undefined) throw tierNotFound(form.plan_key!);
  const interval = form.interval as BillingInterval;
  if (plan.prices[interval] === undefined) throw noPriceForTier(plan.key, interval);
  const quantity = plan.usage === 'per_user' ? Number(form.quantity ?? 1) : 1;
  const project = form.project === undefined ? undefined : Number(form.project);
  const setupAmount = (await setupDueOnReturn(db, own.changes, project)) ? plan.setupAmount : 0;
  return { catalogue, wanted: { plan, interval, quantity, setupAmount, form } };
}

/**
 * Pressed twice, or in two windows, it is bought once; after another end, again.
 * @throws ConnectorError conflict `preview_out_of_date`: it costs something else by now; those of route `createSubscription`
 */
export async function comeBack(
  deps: BillingDeps,
  organisation: AccountOrganisation,
  form: Form,
): Promise<void> {
  const rows = await subscriptionsOf(deps.commands.db, organisation.id);
  if (rows.some((row) => String(row.projectId) === form.project && !hasEnded(row))) return;
  const { wanted } = await readReturn(deps, organisation, form);
  if (form.due !== String(dueNow(wanted))) throw previewOutOfDate('Coming back costs something else by now.');
  const wish = createHash('sha256')
    .update(`${organisation.id} ${JSON.stringify(form)}`)
    .digest('hex');
  const requestId = `return_${wish.slice(0, 32)}`;
  await perform(deps, 'createSubscription', { organisation, requestId, body: bodyOf(form) });
}
