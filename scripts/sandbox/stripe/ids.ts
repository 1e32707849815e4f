/** Ids with Stripe's prefixes. They sort by creation, so that a list has one order even within a second. */
import { randomBytes } from 'node:crypto';

let counter = 0;

/** @returns e.g. `cus_1mhq2x3f0a1k9w2z7t` */
export function newId(prefix: string): string {
  counter = (counter + 1) % 46_656;
  const sequence = Date.now().toString(36) + counter.toString(36).padStart(3, '0');
  return `${prefix}_1${sequence}${randomText(8)}`;
}

/** @param length characters of 0-9 and a-z */
export function randomText(length: number): string {
  return Array.from(randomBytes(length), (byte) => (byte % 36).toString(36)).join('');
}
