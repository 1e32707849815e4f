/** Looks again at people who could not be let in: somebody agreed, staff cleared the way, a larger plan has seats. */
import { readSale } from '../../billing/read-sale.ts';
import type { Sale } from '../../billing/sale.ts';
import { html } from '../../crm/html.ts';
import { hasAccess, type StakeholderUser } from '../../crm/users.ts';
import type { Log } from '../../log.ts';
import type { StepDeps } from '../step.ts';
import { listOf } from '../steps/note.ts';
import { askToAccept, invite } from './invite.ts';
import { peopleWithAccess, recordAccess, subscriptionsToSettle } from './rows.ts';
import { usersOf } from './users-of.ts';

export interface SettleDeps extends StepDeps {
  readonly log: Log;
  /** Lets a call through when the ERP can be reached and is ours. */
  readonly guard: <T>(call: () => Promise<T>) => Promise<T>;
}

/** One pass; what fails is tried again at the next. */
export async function settleAccess(deps: SettleDeps): Promise<void> {
  for (const subscriptionId of await subscriptionsToSettle(deps.db, deps.now())) {
    try {
      await deps.guard(() => settleSubscription(deps, subscriptionId));
    } catch (error) {
      deps.log.warn(
        { subscriptionId, err: error },
        'people could not be let in yet; tried again at the next pass',
      );
    }
  }
}

/** @returns how many people were let in */
export async function settleSubscription(deps: StepDeps, subscriptionId: number): Promise<number> {
  const sale = await readSale(deps.db, { subscriptionId, catalogue: deps.catalogue });
  const before = await peopleWithAccess(deps.db, subscriptionId);
  const partners = await deps.crm.ensurePartners(sale);
  const { users } = await usersOf(deps, sale, partners);
  const letIn = users.filter((user) => hasAccess(user) && !before.has(user.stakeholderId));
  if (letIn.length > 0) await deps.crm.ensureWorkspace(sale, { ...partners, users });
  for (const user of users) await write(deps, sale, { user, isNew: letIn.includes(user), ...partners });
  // Last: cut off before, the same people are let in and written to again, which changes nothing.
  await deps.db.tx(async (tx) => {
    await recordAccess(tx, { subscriptionId, users, now: deps.now() });
    if (letIn.length > 0) await deps.crm.leaveNotes(tx, letInNote(sale, letIn));
  });
  return letIn.length;
}

async function write(
  deps: StepDeps,
  sale: Sale,
  input: { user: StakeholderUser; isNew: boolean; contactIds: Readonly<Record<number, number>> },
): Promise<void> {
  const { user, isNew, contactIds } = input;
  const person = sale.stakeholders.find(({ id }) => id === user.stakeholderId)!;
  const invitation = {
    sale,
    person,
    partnerId: contactIds[person.id]!,
    fact: `settle_${sale.subscription.id}`,
  };
  if (user.outcome === 'needs_acceptance') await askToAccept(deps, invitation);
  // A guest has a password already, and read on the page that access follows.
  if (isNew && user.outcome !== 'accepted') await invite(deps, invitation);
}

function letInNote(sale: Sale, letIn: readonly StakeholderUser[]) {
  const lines = letIn.map(({ login, outcome }) =>
    outcome === 'accepted'
      ? `${login}: agreed, and comes in with the user they had`
      : `${login}: has a user now`,
  );
  return {
    subscriptionId: sale.subscription.id,
    orderId: sale.orderId,
    key: `access_${letIn.map(({ stakeholderId }) => stakeholderId).join('_')}`,
    html: `${html`<p><b>Access given</b></p>`}${listOf(lines)}`,
  };
}
