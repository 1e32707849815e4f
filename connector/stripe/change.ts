/** One difference between what is wanted and what is there: a line to print, and the way to make it so. */
export interface Change {
  /** What will be done, for people: "create price starter_month, USD 250.00 a month". */
  readonly text: string;
  readonly apply: () => Promise<void>;
}

/** Whether `there` holds every pair of `wanted`; other keys in Stripe's metadata belong to others. */
export function holds(
  there: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => there[key] === value);
}
