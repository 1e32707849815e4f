/** The contract is whole: every call that the connector or a command makes of Stripe is made by it too. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = new URL('../../../', import.meta.url).pathname;

/** `stripe.checkout.sessions.create` in the text of a file, however it is broken over lines. */
function callsIn(folder: string, leaveOut: RegExp): Set<string> {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((file) => file.endsWith('.ts') && !leaveOut.test(file))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8').replace(/\s+\./g, '.'));
  const calls = texts.flatMap((text) => [...text.matchAll(/\bstripe\.((?:[a-zA-Z]+\.)+[a-zA-Z]+)\(/g)]);
  return new Set(calls.map(([, call]) => call!));
}

test('every call made of Stripe is in the contract', () => {
  const made = new Set([...callsIn('connector', /^$/), ...callsIn('scripts', /^(sandbox|bench)\//)]);
  const proven = callsIn('test/contract/stripe', /^$/);
  expect(made.size).toBeGreaterThan(40);
  expect([...made].filter((call) => !proven.has(call)).sort()).toEqual([]);
});
