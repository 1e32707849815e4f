/** A subscription as the provider has it at this moment; as we were told last when it cannot be asked. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AccountSubscription,
  chooseSubscription,
  requireAlive,
  subscriptionsOf,
} from '../../billing/account/subscriptions.ts';
import type { LiveSubscription } from '../../billing/commands/subscription-gateway.ts';
import { hasEnded } from '../../billing/has-ended.ts';
import { asConnectorError } from '../../errors.ts';
import { subscriptionBody } from './bodies.ts';
import type { BillingDeps, Call } from './route.ts';

/** @returns undefined: it has ended, or the provider is away */
export async function readLive(
  { commands }: Pick<BillingDeps, 'commands'>,
  row: AccountSubscription,
): Promise<LiveSubscription | undefined> {
  if (hasEnded(row)) return undefined;
  try {
    return await commands.gateway.read(row.providerId);
  } catch (thrown) {
    const { kind } = asConnectorError(thrown);
    if (kind !== 'retryable' && kind !== 'absent') throw thrown;
    return undefined;
  }
}

/** The subscription a request is about: only ever one of its organisation. */
export function chosen(deps: BillingDeps, call: Call): Promise<AccountSubscription> {
  const named = call.query.subscription ?? (call.body.subscription as string | undefined);
  return chooseSubscription(deps.commands.db, call.organisation.id, named);
}

/** @throws ConnectorError permanent `no_active_subscription` beside what choosing throws */
export async function chosenAlive(deps: BillingDeps, call: Call): Promise<AccountSubscription> {
  return requireAlive(await chosen(deps, call));
}

/** What a change is answered with. */
export const changed = (deps: BillingDeps, row: AccountSubscription, live: LiveSubscription | undefined) => ({
  status: 200,
  body: subscriptionBody(deps.catalogue, row, live),
});

/** A route's work that is one command about the chosen subscription, answered with what it is then. */
export const changing =
  (command: (deps: BillingDeps['commands'], subscriptionId: number) => Promise<LiveSubscription>) =>
  async (deps: BillingDeps, call: Call) => {
    const row = await chosenAlive(deps, call);
    return changed(deps, row, await command(deps.commands, row.id));
  };

// Its lane reads it within a second; a caller waits no longer than this.
const FOLLOWS_WITHIN_MS = 5000;
const LOOK_EVERY_MS = 100;

/** Our row of a subscription just made. @returns undefined: it is made, our record of it follows later */
export async function rowOfMade(
  { commands: { db } }: Pick<BillingDeps, 'commands'>,
  organisationId: number,
  providerId: string,
): Promise<AccountSubscription | undefined> {
  const until = Date.now() + FOLLOWS_WITHIN_MS;
  for (;;) {
    const rows = await subscriptionsOf(db, organisationId);
    const row = rows.find((each) => each.providerId === providerId);
    if (row !== undefined || Date.now() > until) return row;
    await sleep(LOOK_EVERY_MS);
  }
}
