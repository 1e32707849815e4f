/** The longest chain of calls of which each came after the one before was answered. */
import type { TracedCall } from '../../sandbox/trace.ts';

/** @param calls by arrival */
export function criticalPath(calls: readonly TracedCall[]): readonly TracedCall[] {
  const best: { length: number; before: number }[] = [];
  calls.forEach((call, index) => {
    let found = { length: 1, before: -1 };
    for (let earlier = 0; earlier < index; earlier += 1) {
      const length = best[earlier]!.length + 1;
      if (calls[earlier]!.to <= call.from && length > found.length) found = { length, before: earlier };
    }
    best.push(found);
  });
  const path: TracedCall[] = [];
  let last = best.reduce((most, each, index) => (each.length > (best[most]?.length ?? 0) ? index : most), 0);
  while (last >= 0 && calls[last] !== undefined) {
    path.unshift(calls[last]!);
    last = best[last]!.before;
  }
  return path;
}
