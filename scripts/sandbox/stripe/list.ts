/** Lists, newest first, by cursor. https://docs.stripe.com/api/pagination */
import { invalid, missing } from './errors.ts';
import type { Range } from './params.ts';

export interface Paging {
  readonly limit?: number;
  readonly starting_after?: string;
  readonly ending_before?: string;
}

export interface ListObject<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  url: string;
}

/** Newest first; within a second by id, which sorts by creation (ids.ts). */
export function newestFirst<T extends { id: string; created: number }>(items: readonly T[]): T[] {
  // Tables are oldest first, so the reversed copy is all but sorted already.
  return [...items].reverse().sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1));
}

/** One page of `items`, which are already in the list's order. */
export function page<T extends { id: string }>(
  items: readonly T[],
  paging: Paging,
  url: string,
): ListObject<T> {
  const limit = paging.limit ?? 10;
  if (limit < 1 || limit > 100) {
    throw invalid('Invalid integer: limit must be between 1 and 100', { param: 'limit' });
  }
  if (paging.starting_after && paging.ending_before) {
    throw invalid('Pass only one of ending_before and starting_after.', { param: 'ending_before' });
  }
  if (paging.ending_before) {
    const end = positionOf(items, paging.ending_before, 'ending_before');
    const start = Math.max(0, end - limit);
    return { object: 'list', data: items.slice(start, end), has_more: start > 0, url };
  }
  const start = paging.starting_after ? positionOf(items, paging.starting_after, 'starting_after') + 1 : 0;
  return {
    object: 'list',
    data: items.slice(start, start + limit),
    has_more: items.length > start + limit,
    url,
  };
}

function positionOf(items: readonly { id: string }[], id: string, param: string): number {
  const position = items.findIndex((item) => item.id === id);
  if (position < 0) throw missing('object', id, param);
  return position;
}

export function inRange(value: number, range: Range | undefined): boolean {
  if (range === undefined) return true;
  if (typeof range === 'number') return value === range;
  return (
    (range.gt === undefined || value > range.gt) &&
    (range.gte === undefined || value >= range.gte) &&
    (range.lt === undefined || value < range.lt) &&
    (range.lte === undefined || value <= range.lte)
  );
}

/** A list that holds everything, as it stands inside another object. */
export function wholeList<T>(data: T[], url: string): ListObject<T> {
  return { object: 'list', data, has_more: false, url };
}
