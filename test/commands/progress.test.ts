/** The bar of a long pass: as full as what is known says, never full before the end. */
import { expect, it } from 'vitest';
import type { PassRow } from '../../connector/billing/passes/rows.ts';
import { progress } from '../../scripts/commands/sync.ts';

const bar = (looked: number, expected: number, isDone = false): string =>
  progress({ looked, expected, finishedAt: isDone ? new Date() : null } as PassRow);

it.each<[number, number, boolean, string]>([
  [0, 1000, false, '[........................] 0 of about 1000 compared'],
  [500, 1000, false, '[############............] 500 of about 1000 compared'],
  [1000, 1000, false, '[#####################...] 1000 compared'],
  // Before an import we know of none: the bar still moves.
  [0, 0, false, '[........................] 0 compared'],
  [300, 0, false, '[##################......] 300 compared'],
  [100_000, 0, false, '[#######################.] 100000 compared'],
  [300, 1000, true, '[########################] 300 compared'],
])('%i of %i, done: %s', (looked, expected, isDone, text) => {
  expect(bar(looked, expected, isDone)).toBe(text);
});
