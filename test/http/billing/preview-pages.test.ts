/** What a customer reads before confirming: a change of plan, an add-on; and the pages around logging in. */
import { describe, expect, it } from 'vitest';
import type { AddOnQuote } from '../../../connector/billing/commands/addons.ts';
import type { ChangePreview } from '../../../connector/billing/commands/preview-change.ts';
import type { InvoicePreview } from '../../../connector/billing/commands/subscription-gateway.ts';
import { addOnPreviewPage } from '../../../connector/http/billing/page/add-on-preview-page.ts';
import { loginPage } from '../../../connector/http/billing/page/login-pages.ts';
import { previewPage } from '../../../connector/http/billing/page/preview-page.ts';
import { CATALOGUE, day, read, readAt, viewOf } from './shown.ts';

const invoice: InvoicePreview = {
  currency: 'usd',
  lines: [
    { description: 'Unused time on Starter', amount: -12_500, proration: true, from: day(16), to: day(31) },
    {
      description: 'Remaining time on Professional',
      amount: 25_000,
      proration: true,
      from: day(16),
      to: day(31),
    },
  ],
  subtotal: 12_500,
  taxes: [],
  discount: 0,
  total: 12_500,
  amountDue: 12_500,
};
/** The rows of its table, as they are read. */
const table = (page: string) => [...page.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) => read(row!));

describe('a change of plan', () => {
  const state = (planKey: string, quantity = 1) => ({ planKey, interval: 'month' as const, quantity });
  const pageOf = (change: Partial<ChangePreview> = {}) =>
    previewPage(viewOf(), {
      subscriptionId: '7',
      preview: {
        from: state('starter'),
        to: state('professional'),
        parts: ['upgrade'],
        when: 'now',
        effectiveAt: day(16),
        invoice,
        recurringAmount: 50_000,
        overLimits: [],
        token: 'a-signed-token',
        expiresAt: day(16),
        ...change,
      },
    });

  it('that comes at once: every line, and what is charged', () => {
    const page = pageOf();
    expect(table(page)).toEqual([
      'Unused time on Starter −USD 125.00',
      'Remaining time on Professional USD 250.00',
      'Total USD 125.00',
      'Due now USD 125.00',
    ]);
    expect(read(page)).toContain('Nothing has changed yet. This is what changing to Professional means');
    expect(readAt(page, 'after')).toEqual(['From then on: USD 500 per month']);
    expect(page).toContain('>Change and pay this amount</button>');
    expect(page).not.toContain('Over the limits');
  });

  it.each<[string, Partial<InvoicePreview>, string[]]>([
    [
      'a discount and a tax on top',
      { discount: 2500, taxes: [{ amount: 2000, inclusive: false }], total: 12_000, amountDue: 12_000 },
      ['Discount −USD 25.00', 'Tax USD 20.00', 'Total USD 120.00', 'Due now USD 120.00'],
    ],
    [
      'two taxes on top, one within the price',
      {
        taxes: [
          { amount: 1000, inclusive: false },
          { amount: 500, inclusive: false },
          { amount: 700, inclusive: true },
        ],
        total: 14_000,
        amountDue: 14_000,
      },
      ['Tax USD 15.00', 'Total USD 140.00', 'Due now USD 140.00'],
    ],
    ['credit that pays a part', { amountDue: 2500 }, ['Total USD 125.00', 'Due now USD 25.00']],
  ])('with %s', (_what, change, rows) => {
    expect(table(pageOf({ invoice: { ...invoice, ...change } })).slice(2)).toEqual(rows);
  });

  it('that comes with the next period: no amount, its date, and another button', () => {
    const page = pageOf({ to: state('starter', 3), when: 'period_end', effectiveAt: day(31) });
    expect(table(page)).toEqual([]);
    expect(read(page)).toContain('Starter × 3');
    expect(readAt(page, 'preview')[0]).toContain('December 1, 2026');
    expect(page).toContain('>Arrange the change</button>');
  });

  it('names what is beyond the new limits', () => {
    const over = [
      { what: 'projects', limit: 1, used: 3 },
      { what: 'users', limit: 10, used: 12 },
    ] as const;
    expect(read(pageOf({ overLimits: over }))).toContain(
      'Over the limits of the new plan (nothing is deleted): Projects: 3 / 1 Users: 12 / 10',
    );
  });
});

describe('an add-on', () => {
  const addOn = CATALOGUE.addOns.find(({ key }) => key === 'custom_domain')!;
  const pageOf = (change: Partial<AddOnQuote> = {}) =>
    addOnPreviewPage(viewOf(), {
      subscriptionId: 7,
      quote: {
        addOn,
        sold: 'recurring',
        quantity: 2,
        domain: null,
        interval: 'month',
        unitAmount: 1500,
        currency: 'usd',
        invoice: null,
        asOf: day(16),
        ...change,
      },
    });

  it('charged at once: its lines, the tax that is added, and what it costs from then on', () => {
    const line = { description: 'Custom domain', amount: 1500, proration: true, from: day(16), to: day(31) };
    const taxed = {
      ...invoice,
      lines: [line],
      taxes: [{ amount: 300, inclusive: false }],
      total: 1800,
      amountDue: 1800,
    };
    const page = pageOf({ invoice: taxed, domain: 'harbour.example' });
    expect(table(page)).toEqual([
      'Custom domain USD 15.00',
      'Tax USD 3.00',
      'Total USD 18.00',
      'Due now USD 18.00',
    ]);
    expect(read(page)).toContain('Custom domain (harbour.example)');
    expect(readAt(page, 'after')).toEqual(['From then on: USD 30.00 per month']);
    expect(page).toContain('name="domain" value="harbour.example"');
    expect(page).toContain('>Buy and pay this amount</button>');
  });

  it('sold once: on the next invoice, nothing today', () => {
    const page = pageOf({ sold: 'once', interval: null, quantity: 1, unitAmount: 9900 });
    expect(table(page)).toEqual([]);
    expect(read(page)).toContain('nothing is charged today');
    expect(readAt(page, 'after')).toEqual(['Custom domain: USD 99.00 once']);
    expect(page).not.toContain('name="domain"');
    expect(page).toContain('>Put it on the next invoice</button>');
  });
});

describe('logging in', () => {
  const frame = { site: 'Managed CDE', language: 'en' } as const;
  it('says what is wrong with an address beside the field, and that a session has ended', () => {
    const wrong = loginPage(frame, { invalid: true });
    expect(wrong).toContain('aria-invalid="true" aria-describedby="email-error" autofocus');
    expect(readAt(wrong, 'email-error')).toEqual(['This is not a complete e-mail address.']);
    expect(loginPage(frame)).not.toContain('aria-invalid');
    expect(read(loginPage(frame, { ended: true }))).toContain('Your session has ended.');
  });
});
