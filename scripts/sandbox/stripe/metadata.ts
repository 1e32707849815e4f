/** Metadata merges: given keys are set, an empty value removes its key, '' removes all. https://docs.stripe.com/api/metadata */
import { invalid } from './errors.ts';
import type { Metadata } from './plain.ts';

export function mergeMetadata(
  current: Metadata | null,
  given: Record<string, unknown> | '' | null | undefined,
): Metadata {
  if (given === '' || given === null) return {};
  const merged: Metadata = { ...current };
  for (const [key, value] of Object.entries(given ?? {})) {
    if (value === '' || value === null) delete merged[key];
    else merged[key] = String(value);
  }
  checkLimits(merged);
  return merged;
}

// 50 keys, names of 40 and values of 500 characters: "Metadata" in Stripe's API reference.
function checkLimits(metadata: Metadata): void {
  const entries = Object.entries(metadata);
  if (entries.length > 50) throw invalid('You can have at most 50 metadata keys.', { param: 'metadata' });
  for (const [key, value] of entries) {
    if (key.length > 40) {
      throw invalid(`Metadata keys can be at most 40 characters: ${key}`, { param: 'metadata' });
    }
    if (value.length > 500) {
      throw invalid(`Metadata values can be at most 500 characters, but ${key} has ${value.length}.`, {
        param: `metadata[${key}]`,
      });
    }
  }
}
