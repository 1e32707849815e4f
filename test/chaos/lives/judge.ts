/**
 * What is wrong with a life: our records, the ERP, storage and every raw mail beside Stripe's objects. It asks the
 * outside systems and decides by the calendar; no function of the connector's is called.
 */
import type { Database } from '../../../connector/db/database.ts';
import type { World } from '../../../scripts/sandbox/world.ts';
import type { Customer } from './customer.ts';
import { readErp } from './erp-wrong.ts';
import { readFacts, standingOf } from './expected.ts';
import { readMails } from './mails-wrong.ts';
import { recordsWrong } from './records-wrong.ts';
import { readStorage } from './storage-wrong.ts';

export type Judge = (customer: Customer) => Promise<readonly string[]>;

/** Reads the world as it is now. */
export async function readJudge(input: {
  world: World;
  db: Database;
  kills: readonly Date[];
}): Promise<Judge> {
  const { world, db, kills } = input;
  const facts = readFacts(world);
  const erp = readErp(world);
  const storage = await readStorage(world, db);
  const mails = await readMails(world, kills);

  return async (customer) => {
    if (customer.id === null) return ['never subscribed'];
    const standings = customer.places.map((place) => standingOf(facts, place));
    const known = customer.places.flatMap(({ subscriptions }) => subscriptions);
    const stray = facts.subscriptions.filter(
      (each) => each.customer === customer.id && !known.includes(each.id),
    );
    return [
      ...stray.map(({ id }) => `${id} at Stripe: nobody asked for it`),
      ...(await recordsWrong(db, facts, customer)),
      ...erp(facts, customer, standings),
      ...standings.flatMap(storage),
      ...mails(facts, customer, standings),
    ];
  };
}
