/** Something asked for again and again, and done once in a while. */

interface Turns {
  readonly everyMs: number;
  /** Beyond this many the oldest is forgotten, and may come sooner. */
  readonly remembered: number;
}

/** @returns whether it is the turn of `key`; saying so counts as its turn */
export function createTurns({ everyMs, remembered }: Turns): (key: string, now: Date) => boolean {
  const lasts = new Map<string, number>();
  return (key, now) => {
    const last = lasts.get(key);
    if (last !== undefined && now.getTime() - last < everyMs) return false;
    lasts.delete(key);
    lasts.set(key, now.getTime());
    if (lasts.size > remembered) lasts.delete(lasts.keys().next().value!);
    return true;
  };
}
