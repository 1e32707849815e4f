import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plannedSteps } from '../../connector/billing/dunning/begin.ts';
import type { Case } from '../../connector/billing/dunning/due.ts';
import { dunningMail } from '../../connector/billing/dunning/mail.ts';
import { loadDunningPolicy } from '../../connector/billing/dunning/policy.ts';
import { loadTemplates } from '../../connector/mail/templates.ts';
import { openInvoice } from './dunning-scene.ts';

const SHIPPED = new URL('../../mappings/dunning.json', import.meta.url);
const policy = loadDunningPolicy(SHIPPED);
const templates = loadTemplates('templates');
const day = (count: number) => new Date(Date.UTC(2026, 10, count));

describe('when steps are due', () => {
  const dueAt = (input: { since: Date; now: Date }) =>
    new Map(plannedSteps(policy, input).map(({ work, dueAt: at }) => [work.name, at]));

  it('counts days from the first failure', () => {
    const due = dueAt({ since: day(1), now: day(1) });
    expect(due.get('first_mail')).toEqual(day(1));
    expect(due.get('features')).toEqual(day(8));
    expect(due.get('access')).toEqual(day(13));
  });

  it('seen late, nothing is suspended before its notice, and mails are due at once', () => {
    const due = dueAt({ since: day(1), now: day(20) });
    expect(due.get('last_warning')).toEqual(day(10));
    expect(due.get('features')).toEqual(day(23));
    expect(due.get('access')).toEqual(day(23));
  });
});

describe('what a mail says', () => {
  const about: Case = {
    subscriptionId: 4,
    customerId: 'cus_1',
    status: 'past_due',
    endedAt: null,
    orderId: 17,
    organisationId: 5,
    organisation: 'Harbour Works',
    contactName: 'Ada',
    contactEmail: 'ada@harbour.example',
    locale: 'en',
    project: 'Harbour Tower',
    brand: null,
    last4: null,
    mailed: false,
    everSuspended: false,
    heldElsewhere: false,
    suspendsAt: null,
  };
  it.each([
    ['jpy', 1_500, 'en', '¥1,500'],
    ['kwd', 1_500_250, 'en', 'KWD 1,500.250'],
    ['usd', 150_000, 'en', '$1,500.00'],
    ['eur', 150_000, 'fr', '1 500,00 €'],
  ])('%s %d in %s is %s', (currency, amountDue, locale, shown) => {
    for (const template of ['payment-failed', 'action-required', 'last-warning', 'suspended']) {
      const mail = dunningMail({
        step: { about: 'in_1', step: 'first_mail' },
        about: { ...about, locale },
        invoice: openInvoice({ currency, amountDue }),
        template,
      });
      const { text, html } = templates.render(mail);
      for (const body of [text, html]) {
        expect(body.replaceAll(/[\u00a0\u202f]|&nbsp;/g, ' '), template).toContain(shown);
        expect(body).toContain('https://invoice.stripe.com/i/x');
      }
    }
  });

  it('tells what was paid once it is', () => {
    const paid = openInvoice({ status: 'paid', amountDue: 0, amountPaid: 24_000 });
    const mail = dunningMail({
      step: { about: 'in_1', step: 'recovered' },
      about,
      invoice: paid,
      template: 'recovered',
    });
    expect(templates.render(mail).text).toContain('$240.00');
  });

  it.each([
    ['the card', { brand: 'visa', last4: '4242' }, 'The card used was Visa ···· 4242.'],
    ['a bank account, which has no brand', { brand: null, last4: '3000' }, 'The card used was ···· 3000.'],
    ['the organisation, where there is no project', { project: null }, 'for "Harbour Works"'],
  ])('names %s', (_name, change, said) => {
    const mail = dunningMail({
      step: { about: 'in_1', step: 'first_mail' },
      about: { ...about, ...change },
      invoice: openInvoice(),
      template: 'payment-failed',
    });
    expect(templates.render(mail).text).toContain(said);
  });

  it.each([
    ['what was suspended is back', { everSuspended: true }, 'available again'],
    ['not while a dispute still holds it', { everSuspended: true, heldElsewhere: true }, 'another payment'],
    ['nor of what never went', {}, 'nothing more for you to do'],
  ])('once it is paid: %s', (_name, change, said) => {
    const mail = dunningMail({
      step: { about: 'in_1', step: 'recovered' },
      about: { ...about, ...change },
      invoice: openInvoice({ status: 'paid' }),
      template: 'recovered',
    });
    expect(templates.render(mail).text).toContain(said);
  });
});

describe('the mapping', () => {
  const check = (change: (mapping: { steps: Record<string, unknown>[] }) => void): (() => unknown) => {
    const mapping = JSON.parse(readFileSync(SHIPPED, 'utf8'));
    change(mapping);
    const file = join(mkdtempSync(join(tmpdir(), 'dunning-')), 'dunning.json');
    writeFileSync(file, JSON.stringify(mapping));
    return () => loadDunningPolicy(file);
  };

  it.each([
    [
      'a name twice',
      (steps: Record<string, unknown>[]) => Object.assign(steps[1]!, { name: 'first_mail' }),
      /is there twice/,
    ],
    [
      'days out of order',
      (steps: Record<string, unknown>[]) => Object.assign(steps[2]!, { day: 1 }),
      /after a later day/,
    ],
    ['a suspension unwarned', (steps: Record<string, unknown>[]) => steps.splice(0, 3), /unwarned/],
    [
      'a step that does nothing',
      (steps: Record<string, unknown>[]) => Object.assign(steps[3]!, { suspend: undefined }),
      /steps\/3/,
    ],
    [
      'a mail for the bank’s wish and none else',
      (steps: Record<string, unknown>[]) =>
        Object.assign(steps[1]!, { mailWhenActionRequired: 'action-required' }),
      /stands without "mail"/,
    ],
    [
      'an unknown template',
      (steps: Record<string, unknown>[]) => Object.assign(steps[0]!, { mail: 'welcome' }),
      /allowed values/,
    ],
  ])('%s is refused', (_name, change, message) => {
    expect(check(({ steps }) => void change(steps))).toThrow(message);
  });
});
