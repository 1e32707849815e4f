/** VAT ids as far as their form goes; like Odoo, a country we know no form of takes anything. */
import type { Version } from '../orm/types.ts';

/** Forms after https://ec.europa.eu/taxation_customs/vies/faq.html, question 11, and the national ones. */
const FORMS: Readonly<Record<string, RegExp>> = {
  AT: /^U\d{8}$/,
  BE: /^[01]?\d{9}$/,
  BG: /^\d{9,10}$/,
  CH: /^E\d{9}(MWST|TVA|IVA)?$/,
  CY: /^\d{8}[A-Z]$/,
  CZ: /^\d{8,10}$/,
  DE: /^\d{9}$/,
  DK: /^\d{8}$/,
  EE: /^\d{9}$/,
  ES: /^[A-Z0-9]\d{7}[A-Z0-9]$/,
  FI: /^\d{8}$/,
  FR: /^[A-HJ-NP-Z0-9]{2}\d{9}$/,
  GB: /^(\d{9}|\d{12}|GD\d{3}|HA\d{3})$/,
  GR: /^\d{9}$/,
  HR: /^\d{11}$/,
  HU: /^\d{8}$/,
  IE: /^\d[A-Z0-9+*]\d{5}[A-Z]{1,2}$/,
  IT: /^\d{11}$/,
  LT: /^(\d{9}|\d{12})$/,
  LU: /^\d{8}$/,
  LV: /^\d{11}$/,
  MT: /^\d{8}$/,
  NL: /^\d{9}B\d{2}$/,
  PL: /^\d{10}$/,
  PT: /^\d{9}$/,
  RO: /^\d{2,10}$/,
  SE: /^\d{10}01$/,
  SI: /^\d{8}$/,
  SK: /^\d{10}$/,
};

const EXAMPLES: Readonly<Record<string, string>> = {
  DE: 'DE123456788 or 12/345/67890',
  FR: 'FR23334175221',
  GB: 'GB123456782 or XI123456782',
};

/**
 * A number of the partner's own country, with or without its prefix, or of the country its prefix names (Greece writes EL).
 * Without a country Odoo 19 takes anything, before it the prefix decides.
 */
export function isPlausibleVat(input: {
  vat: string;
  country: string | undefined;
  version: Version;
}): boolean {
  const text = cleanVat(input.vat);
  if (text.length <= 1) return true;
  const prefix = text.slice(0, 2) === 'EL' ? 'GR' : text.slice(0, 2);
  const byPrefix = FORMS[prefix] !== undefined && isValid(prefix, text.slice(2));
  if (input.country === undefined) return input.version === 19 || byPrefix || FORMS[prefix] === undefined;
  return FORMS[input.country] === undefined || byPrefix || isValid(input.country, text);
}

/** As Odoo keeps it. */
export const cleanVat = (vat: string): string => vat.toUpperCase().replaceAll(/[\s.-]/g, '');

const isValid = (country: string, number: string) =>
  FORMS[country]!.test(number) && passesCheckDigit(country, number);

/** Where the rule is short and people mistype: Germany (ISO 7064, MOD 11,10), Belgium (mod 97), France (mod 97 over the SIREN). */
function passesCheckDigit(country: string, number: string): boolean {
  if (country === 'DE') return mod1110(number);
  if (country === 'BE') {
    const digits = number.padStart(10, '0');
    return 97 - (Number(digits.slice(0, 8)) % 97) === Number(digits.slice(8));
  }
  if (country === 'FR' && /^\d+$/.test(number))
    return (12 + 3 * (Number(number.slice(2)) % 97)) % 97 === Number(number.slice(0, 2));
  return true;
}

function mod1110(number: string): boolean {
  let product = 10;
  for (const digit of number.slice(0, -1)) {
    const sum = (Number(digit) + product) % 10 || 10;
    product = (2 * sum) % 11;
  }
  return (11 - product) % 10 === Number(number.at(-1));
}

export function vatComplaint(input: {
  vat: string;
  name: string;
  country: string;
  version: Version;
}): string {
  const { vat, name, country, version } = input;
  const example = EXAMPLES[country] ?? `${country}##########`;
  return version === 19
    ? `\nThe VAT number [${vat.toUpperCase().startsWith(country) ? vat.slice(2) : vat}] for partner [${name}] does not seem to be valid.  \nNote: the expected format is ${example}`
    : `\nThe VAT number [${vat}] for partner [${name}] does not seem to be valid. \nNote: the expected format is ${example}`;
}
