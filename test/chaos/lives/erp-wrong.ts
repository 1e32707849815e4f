/** The ERP beside Stripe's objects: one company, one record a subscription, won opportunities, people, workspaces. */
import type { World } from '../../../scripts/sandbox/world.ts';
import type { Customer } from './customer.ts';
import { differences } from './differences.ts';
import { accessOf, type Facts, type Standing, type Subscription } from './expected.ts';
import { amountOf } from './records-wrong.ts';

type Row = Readonly<Record<string, unknown>>;

/** A many2one reads as [id, name]. */
const idOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);

export function readErp(
  world: World,
): (facts: Facts, customer: Customer, standings: readonly Standing[]) => readonly string[] {
  const { odoo } = world.systems;
  const companies = odoo.records('res.partner').filter((each) => each.is_company === true);
  const leads = odoo.records('crm.lead');
  const records: readonly Row[] = odoo.records('x_stripe_subscription');
  const users = odoo.records('res.users');
  const folders = odoo.records('x_cde_folder');
  const won = odoo
    .records('crm.stage')
    .filter((stage) => stage.is_won)
    .map(({ id }) => id as unknown);

  function peopleWrong({ place, mayRead, unnoticed }: Standing): string[] {
    return place.logins.flatMap((login) => {
      const theirs = users.filter((user) => user.login === login);
      if (theirs.length === 0 && unnoticed) return [];
      if (theirs.length !== 1) return [`${theirs.length} users ${login}`];
      const active = theirs[0]!.active === true;
      return mayRead === null || active === mayRead ? [] : [`user ${login} is ${active ? '' : 'not '}active`];
    });
  }

  function workspaceWrong({ place, unnoticed }: Standing): string[] {
    const roots = folders.filter(
      (folder) => !idOf(folder.x_parent_id) && String(folder.x_name).includes(place.project),
    );
    if (roots.length === 0 && unnoticed) return [];
    if (roots.length !== 1) return [`${roots.length} workspaces of ${place.project}`];
    const names = folders
      .filter((folder) => idOf(folder.x_parent_id) === roots[0]!.id)
      .map((folder) => String(folder.x_name));
    return names.length > 0 && new Set(names).size === names.length
      ? []
      : [`${place.project}: folders ${names.join()}`];
  }

  return (facts, customer, standings) => {
    const mine = companies.filter((each) => each.x_stripe_customer_id === customer.id);
    const theirs = facts.subscriptions.filter((each) => each.customer === customer.id);
    const noticed = theirs.filter((each) => !accessOf(facts, each).includes('none'));
    const sales = leads.filter((lead) => idOf(lead.partner_id) === mine[0]?.id);
    const sold = sales.filter((lead) => won.includes(idOf(lead.stage_id))).length;
    return [
      ...(mine.length === 1 ? [] : [`${mine.length} companies of ${customer.id}`]),
      ...(sold >= noticed.length && sold <= theirs.length
        ? []
        : [`${sold} opportunities won of ${noticed.length} to ${theirs.length}`]),
      ...theirs.flatMap((each) => recordWrong(facts, each, records)),
      ...standings.flatMap((each) => [...peopleWrong(each), ...workspaceWrong(each)]),
    ];
  };
}

function recordWrong(facts: Facts, subscription: Subscription, records: readonly Row[]): string[] {
  const { id } = subscription;
  const found = records.filter((record) => record.x_stripe_id === id);
  const accesses = accessOf(facts, subscription);
  if (found.length === 0 && accesses.includes('none')) return [];
  if (found.length !== 1) return [`${id}: ${found.length} records in the ERP`];
  const [item] = subscription.items.data;
  const time = (seconds: number | null): unknown =>
    seconds === null ? false : new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const wanted = {
    x_status: subscription.status,
    x_plan: item!.price.metadata.plan_key,
    x_interval: item!.price.recurring!.interval,
    x_amount: amountOf(subscription) / 100,
    x_period_start: time(item!.current_period_start),
    x_period_end: time(item!.current_period_end),
    x_cancel_at_period_end: subscription.cancel_at_period_end,
    x_ended_at: time(subscription.ended_at),
  };
  const access = found[0]!.x_access;
  return [
    ...differences(`${id} in the ERP`, wanted, found[0]!),
    ...(accesses.includes(access as never) ? [] : [`${id} in the ERP: access is ${access}, not ${accesses}`]),
  ];
}
