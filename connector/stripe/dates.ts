/** Stripe's times are unix seconds. */
export const date = (unix: number): Date => new Date(unix * 1000);

export const dateOrNull = (unix: number | null | undefined): Date | null =>
  unix === null || unix === undefined ? null : date(unix);

/** Whole seconds, rounded down. */
export const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);
