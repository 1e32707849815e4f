/** Changes one object and says so, with the old values of what changed. https://docs.stripe.com/api/events/object (previous_attributes) */
import { isDeepStrictEqual } from 'node:util';
import type { Collection } from '../store.ts';
import type { Core } from './core.ts';

/** Does nothing, and emits nothing, when no value differs. @returns the object as it is afterwards */
export function update<T extends { id: string }>(
  core: Core,
  table: Collection<T>,
  eventType: string,
  current: T,
  changes: Partial<T>,
): T {
  const previous = previousOf(current, changes);
  // A new `updated` time alone is no change.
  if (Object.keys(previous).every((key) => key === 'updated')) return current;
  const next = { ...current, ...changes };
  table.put(next.id, next);
  core.emit(eventType, next, previous);
  return next;
}

/** Without an event: parts of a larger change that is announced otherwise. */
export function change<T extends { id: string }>(table: Collection<T>, current: T, changes: Partial<T>): T {
  const next = { ...current, ...changes };
  table.put(next.id, next);
  return next;
}

function previousOf<T extends object>(current: T, changes: Partial<T>): Record<string, unknown> {
  const previous: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(changes)) {
    const before = (current as Record<string, unknown>)[key];
    if (isDeepStrictEqual(before, value)) continue;
    previous[key] = previousValue(key, before, value);
  }
  return previous;
}

function previousValue(key: string, before: unknown, after: unknown): unknown {
  if (key === 'metadata') return previousMetadata(before, after);
  // Of a list only what is in it.
  if (key === 'items') return { data: (before as { data: unknown }).data };
  return before ?? null;
}

// Only the keys that differ; a key that is new shows as null.
function previousMetadata(before: unknown, after: unknown): Record<string, unknown> {
  const old = (before ?? {}) as Record<string, string>;
  const next = (after ?? {}) as Record<string, string>;
  const keys = new Set([...Object.keys(old), ...Object.keys(next)]);
  return Object.fromEntries(
    [...keys].filter((key) => old[key] !== next[key]).map((key) => [key, old[key] ?? null]),
  );
}
