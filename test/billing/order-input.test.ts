import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COUNTRIES, countryNames } from '../../connector/billing/countries.ts';
import type { Offer } from '../../connector/billing/offers.ts';
import { clean, compileCheck, ORDER_PROPERTIES, orderErrors } from '../../connector/billing/order-input.ts';
import { loadCatalogue } from '../../connector/billing/plans.ts';

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

describe('what somebody orders by a checkout link', () => {
  const catalogue = loadCatalogue('mappings/examples/orion.json');
  const bespoke = catalogue.plans.find(({ custom }) => custom)!.key;
  const offer: Offer = {
    id: 1,
    planKey: bespoke,
    interval: 'year',
    amounts: { setup: 0, recurring: 900_000 },
    currency: 'eur',
    expiresAt: new Date('2026-12-21T00:00:00Z'),
  };
  const order = (plan: string, interval: 'month' | 'year') => ({
    plan,
    interval,
    project: { name: 'Tower', code: 'T-1', description: '', client: '' },
    stakeholders: [{ name: 'Ada', email: 'ada@b.example', role: 'information_manager' as const }],
  });
  it.each([
    ['what was offered', bespoke, 'year', offer, []],
    ['another plan', catalogue.plans[0]!.key, 'year', offer, [{ pointer: '/plan', code: 'plan' }]],
    ['by another interval', bespoke, 'month', offer, [{ pointer: '/interval', code: 'interval' }]],
    ['without the link', bespoke, 'year', undefined, [{ pointer: '/plan', code: 'plan_custom' }]],
  ] as const)('is what was offered: %s', (_name, plan, interval, by, errors) => {
    expect(orderErrors(catalogue, order(plan, interval), by)).toEqual(errors);
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
