import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COUNTRIES, countryNames } from '../../connector/billing/countries.ts';
import { clean, compileCheck, ORDER_PROPERTIES } from '../../connector/billing/order-input.ts';
import { issueOrganisationToken, readOrganisationToken } from '../../connector/billing/organisation-token.ts';

const check = compileCheck({ type: 'object', properties: ORDER_PROPERTIES });

describe('clean', () => {
  it('trims, composes and copies without touching prototypes', () => {
    const dirty = JSON.parse('{"a":" e\\u0301 ","b":["x\\r\\ny",1,null],"__proto__":{"plan":"p"}}');
    const cleaned = clean(dirty) as Record<string, unknown>;
    expect(cleaned.a).toBe('é');
    expect(cleaned.b).toEqual(['x\ny', 1, null]);
    expect(Object.keys(cleaned)).toContain('__proto__');
    expect(({} as Record<string, unknown>).plan).toBeUndefined();
  });

  it('does not follow nesting without end', () => {
    const deep = JSON.parse(`${'['.repeat(2000)}${']'.repeat(2000)}`);
    expect(() => clean(deep)).not.toThrow();
  });

  it('survives anything JSON can hold', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(() => check(clean(value))).not.toThrow();
      }),
    );
  });
});

describe('an address', () => {
  const ok = (email: string) =>
    check({ stakeholders: [{ name: 'A', email, role: 'information_manager' }] }).length === 0;
  it('is taken in every usual form', () => {
    for (const email of ['a@b.example', "o'neil+tag@sub.example.co.uk", 'x_y-z@xn--bcher-kva.example'])
      expect([email, ok(email)]).toEqual([email, true]);
  });
  it('is refused when it could carry something else', () => {
    for (const email of [
      'a@b',
      'a b@c.example',
      'a@b.example,c@d.example',
      'a@b.example\nBcc: x',
      '"a"@b.example',
      'a@-b.example',
      '<a@b.example>',
      'a@b..example',
      `${'a'.repeat(65)}@b.example`,
    ])
      expect([email, ok(email)]).toEqual([email, false]);
  });
});

describe('a VAT id', () => {
  const ok = (vat_id: string) =>
    check({
      organisation: { name: 'A', country: 'DE', vat_id, contact_name: 'A', contact_email: 'a@b.example' },
    }).length === 0;
  it('is looked at softly', () => {
    for (const vat of ['', 'DE123456789', 'GB 123 4567 89', 'CHE-123.456.789']) expect(ok(vat)).toBe(true);
    for (const vat of ['x', '<b>', 'DE123456789DE123456789DE123456789']) expect(ok(vat)).toBe(false);
  });
});

describe('countries', () => {
  it('have a name in each language, each once', () => {
    expect(new Set(COUNTRIES).size).toBe(249);
    for (const locale of ['en', 'fr'])
      for (const { code, name } of countryNames(locale)) expect([code, name === code]).toEqual([code, false]);
    expect(countryNames('en')[0]!.name).toBe('Afghanistan');
  });
});

describe('an organisation token', () => {
  const secret = (fill: number) => Buffer.alloc(32, fill).toString('base64');
  const now = () => new Date('2026-11-21T00:00:00Z');
  const signer = { connectorSecrets: [secret(1)], now };

  it('speaks for one organisation until it expires', () => {
    const token = issueOrganisationToken(signer, 42, 60);
    expect(readOrganisationToken(signer, token)).toBe(42);
    const later = { ...signer, now: () => new Date('2026-11-21T00:01:00Z') };
    expect(readOrganisationToken(later, token)).toBeUndefined();
  });

  it('survives the rotation of the secret, and no forgery', () => {
    const token = issueOrganisationToken(signer, 42);
    expect(readOrganisationToken({ now, connectorSecrets: [secret(2), secret(1)] }, token)).toBe(42);
    expect(readOrganisationToken({ now, connectorSecrets: [secret(2)] }, token)).toBeUndefined();
    expect(readOrganisationToken(signer, token.replace('.42.', '.43.'))).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => readOrganisationToken(signer, text) === undefined));
  });
});
