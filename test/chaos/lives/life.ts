/** What a customer does in two months, as data: the same seed is the same life. */
import type { BillingInterval } from '../../../connector/billing/catalogue.ts';
import { createRandom, type Random } from './random.ts';

/** A round is four days: two months and a few days, so that a month's subscription renews twice. */
export const ROUNDS = 17;
export const ROUND_MS = 4 * 86_400_000;

const PLANS = ['starter', 'professional', 'enterprise'] as const;
const INTERVALS = ['month', 'month', 'year'] as const;

interface Wish {
  readonly plan: (typeof PLANS)[number];
  readonly interval: BillingInterval;
}

export type Command =
  | ({ readonly kind: 'subscribe' | 'second' | 'come_back' | 'change' } & Wish)
  | {
      readonly kind:
        | 'card_fails'
        | 'pay'
        | 'cancel_at_period_end'
        | 'cancel_now'
        | 'reactivate'
        | 'pause'
        | 'resume';
    };

export type Kind = Command['kind'];

export interface Life {
  readonly seed: number;
  readonly rounds: readonly (readonly Command[])[];
}

/** Roughly where the customer stands, so that most of what they wish is possible; what is not, is refused. */
type Stand = 'new' | 'alive' | 'card_fails' | 'leaving' | 'paused' | 'gone';

const NEXT: Readonly<Record<Stand, readonly (readonly [Kind, Stand])[]>> = {
  new: [['subscribe', 'alive']],
  alive: [
    ['change', 'alive'],
    ['change', 'alive'],
    ['change', 'alive'],
    ['card_fails', 'card_fails'],
    ['card_fails', 'card_fails'],
    ['cancel_at_period_end', 'leaving'],
    ['cancel_now', 'gone'],
    ['cancel_now', 'gone'],
    ['pause', 'paused'],
    ['second', 'alive'],
  ],
  card_fails: [
    ['pay', 'alive'],
    ['pay', 'alive'],
    ['change', 'card_fails'],
    ['cancel_now', 'gone'],
  ],
  leaving: [
    ['reactivate', 'alive'],
    ['come_back', 'alive'],
    ['change', 'leaving'],
  ],
  paused: [
    ['resume', 'alive'],
    ['resume', 'alive'],
    ['cancel_now', 'gone'],
  ],
  gone: [
    ['come_back', 'alive'],
    ['come_back', 'alive'],
    ['second', 'alive'],
  ],
};

export function lifeOf(seed: number): Life {
  const random = createRandom(seed);
  let stand: Stand = 'new';
  const rounds = Array.from({ length: ROUNDS }, (_, round) => {
    // Everybody begins at once; later something happens every ten days or so, sometimes two things in a row.
    const wishes = round === 0 ? 1 : wishesOf(random);
    return Array.from({ length: wishes }, () => {
      const [kind, after] = random.pick(NEXT[stand]);
      stand = after;
      return commandOf(kind, random);
    });
  });
  return { seed, rounds };
}

const wishesOf = (random: Random): number => (random.chance(0.4) ? (random.chance(0.2) ? 2 : 1) : 0);

function commandOf(kind: Kind, random: Random): Command {
  if (kind !== 'subscribe' && kind !== 'second' && kind !== 'come_back' && kind !== 'change') return { kind };
  return { kind, plan: random.pick(PLANS), interval: random.pick(INTERVALS) };
}

export const told = ({ seed, rounds }: Life): string =>
  `seed ${seed}: ${rounds.map((commands) => commands.map((each) => ('plan' in each ? `${each.kind} ${each.plan}/${each.interval}` : each.kind)).join('+') || '·').join(' ')}`;
