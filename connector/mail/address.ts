/** Sender and recipient: exactly one address each, and nothing that could become a header. */
import { ConnectorError } from '../errors.ts';

export interface Address {
  readonly name: string;
  readonly address: string;
}

// Stricter than RFC 5321: no quoted local parts, no comments, no address literals, no list separators.
const ADDRESS = /^[^\s\p{C}@<>(),;:\\"[\]]{1,64}@[^\s\p{C}@<>(),;:\\"[\]]{1,189}$/u;

/** A name or subject on one line: CR, LF and every other control character become a space. */
export function headerText(text: string, maxLength: number): string {
  const line = text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return [...line].slice(0, maxLength).join('');
}

/** @throws ConnectorError permanent `mail_address_invalid` */
export function recipient(to: { name: string; email: string }): Address {
  if (!ADDRESS.test(to.email)) throw invalid('The recipient');
  return { name: headerText(to.name, 100), address: to.email };
}

/** `CDE Team <cde@example.com>` or a bare address. @throws ConnectorError permanent `mail_address_invalid` */
export function sender(from: string): Address & { readonly domain: string } {
  const match = /^(?:([^<>]*?)\s*<([^<>]+)>|([^<>]+))$/u.exec(from.trim());
  const address = match?.[2] ?? match?.[3] ?? '';
  if (!ADDRESS.test(address)) throw invalid('MAIL_FROM');
  const name = headerText((match?.[1] ?? '').replace(/^"(.*)"$/, '$1'), 100);
  return { name, address, domain: address.slice(address.lastIndexOf('@') + 1) };
}

const invalid = (whose: string) =>
  new ConnectorError({
    kind: 'permanent',
    code: 'mail_address_invalid',
    system: 'smtp',
    message: `${whose} is not one plain e-mail address`,
    advice: 'Correct the address (one, without comments or a list), then retry the run.',
  });
