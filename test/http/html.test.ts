import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldText } from '../../connector/http/field-texts.ts';
import { escapeHtml, html } from '../../connector/http/html.ts';
import { money, per } from '../../connector/http/money.ts';
import { stripeJsUrl } from '../../connector/http/security-headers.ts';

describe('html', () => {
  it('escapes every value, joins lists, leaves out what is nothing', () => {
    const inner = html`<b>${'<i>'}</b>`;
    expect(html`<p title="${'"&\''}">${inner}${[inner, 'x']}${false}${null}${undefined}${0}</p>`.text).toBe(
      '<p title="&quot;&amp;&#39;"><b>&lt;i&gt;</b><b>&lt;i&gt;</b>x0</p>',
    );
    expect(String(inner)).toBe('<b>&lt;i&gt;</b>');
  });

  it('lets no text out of its quotes or its element', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
        expect(html`${text}`.text).toBe(escapeHtml(text));
      }),
    );
  });
});

describe('money', () => {
  const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');
  it('is written with its code, without empty cents', () => {
    expect(plain(money(350_000, 'usd', 'en'))).toBe('USD 3,500');
    expect(plain(money(1999, 'eur', 'en'))).toBe('EUR 19.99');
    expect(plain(money(350_000, 'usd', 'fr'))).toBe('3 500 USD');
    expect(plain(money(500, 'jpy', 'en'))).toBe('JPY 500');
    expect(per('year', 'fr')).toBe('par an');
  });
});

describe('texts of field errors', () => {
  it('fill in their numbers, and have a last resort', () => {
    expect(fieldText({ pointer: '/x', code: 'too_long', limit: 200 })).toBe(
      'At most 200 characters, please.',
    );
    expect(fieldText({ pointer: '/x', code: 'something' }, 'fr')).toBe('Cette valeur n’est pas du bon type.');
  });
});

describe('Stripe.js', () => {
  it('comes from Stripe, or from the sandbox that stands in for it', () => {
    expect(stripeJsUrl(undefined)).toBe('https://js.stripe.com/endive/stripe.js');
    expect(stripeJsUrl('http://127.0.0.1:1234')).toBe('http://127.0.0.1:1234/endive/stripe.js');
  });
});
