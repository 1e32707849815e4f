/** People and their wishes: who gets no answer asks again; who is told to wait asks again days later. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../../connector/db/database.ts';
import { Refused } from './ask-billing.ts';
import { carryOut, type Wish } from './carry-out.ts';
import type { Customer } from './customer.ts';
import type { Command, Kind, Life } from './life.ts';
import type { Scene } from './scene.ts';

export interface Deeds {
  readonly done: Partial<Record<Kind, number>>;
  /** By code. */
  readonly refused: Record<string, number>;
}

const AT_ONCE = 8;
const TRIES = 5;

export function createPeople(input: { scene: Scene; db: Database; lives: readonly Life[] }) {
  const { scene, db, lives } = input;
  const customers = lives.map(
    ({ seed }, at): Customer => ({
      seed,
      address: `10.3.${at >> 8}.${at & 255}`,
      id: null,
      contact: '',
      places: [],
    }),
  );
  const postponed = new Map<Customer, Wish[]>();
  const deeds: Deeds = { done: {}, refused: {} };
  const hands = {
    world: scene.world,
    db,
    url: scene.url,
    issueToken: async (organisationId: number) =>
      (await scene.admin.request<{ token: string }>('POST', `/organisations/${organisationId}/token`)).token,
  };

  async function grant(customer: Customer, wish: Wish): Promise<void> {
    const { kind } = wish.command;
    for (let tries = wish.tries; tries < TRIES; tries += 1) {
      // Whoever asks after a kill asks the next process.
      await scene.ready();
      const watch = scene.watch();
      try {
        const outcome = await carryOut(hands, customer, { ...wish, tries });
        if (outcome) deeds.done[kind] = (deeds.done[kind] ?? 0) + 1;
        else refuse('not_here_yet');
        return;
      } catch (thrown) {
        if (thrown instanceof Refused && thrown.status < 500) {
          if (thrown.code === 'request_in_progress')
            postponed.set(customer, [...(postponed.get(customer) ?? []), { ...wish, tries: tries + 1 }]);
          else refuse(thrown.code);
          return;
        }
        // The kill may be known a moment after the connection broke.
        await sleep(200);
        if (!watch.killed()) throw new Error(`seed ${customer.seed}: ${kind}`, { cause: thrown });
      }
    }
    throw new Error(`seed ${customer.seed}: no answer to ${kind}`);
  }

  function refuse(code: string): void {
    deeds.refused[code] = (deeds.refused[code] ?? 0) + 1;
  }

  async function actRound(customer: Customer, commands: readonly Command[], round: number): Promise<void> {
    const before = postponed.get(customer) ?? [];
    postponed.delete(customer);
    const wishes = commands.map((command, at) => ({
      command,
      key: `life-${customer.seed}-round-${round}-wish-${at}`,
      tries: 0,
    }));
    for (const wish of [...before, ...wishes]) await grant(customer, wish);
  }

  return {
    customers,
    deeds,
    async act(round: number): Promise<void> {
      const queue = lives.map((life, at) => ({ life, customer: customers[at]! }));
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (let next = queue.shift(); next !== undefined; next = queue.shift())
            await actRound(next.customer, next.life.rounds[round]!, round);
        }),
      );
    },
  };
}
