/** What of the wanted fields is another, in words. */
export function differences(
  what: string,
  wanted: Readonly<Record<string, unknown>>,
  found: Readonly<Record<string, unknown>>,
): string[] {
  return Object.keys(wanted)
    .filter((name) => (wanted[name] ?? null) !== (found[name] ?? null))
    .map((name) => `${what}: ${name} is ${String(found[name])} instead of ${String(wanted[name])}`);
}
