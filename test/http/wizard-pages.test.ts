/** What a visitor reads on the wizard's pages by what is sold, and what a form makes of what was typed. */
import { describe, expect, it } from 'vitest';
import type { Catalogue, Plan } from '../../connector/billing/catalogue.ts';
import type { Offer } from '../../connector/billing/offers.ts';
import { type Draft, EMPTY_DRAFT, stepOf } from '../../connector/http/wizard/draft.ts';
import { applyForm } from '../../connector/http/wizard/form.ts';
import { offeredCatalogue } from '../../connector/http/wizard/offered-catalogue.ts';
import { planPage } from '../../connector/http/wizard/plan-page.ts';
import { reviewPage } from '../../connector/http/wizard/review-page.ts';
import { type View, viewOf } from '../../connector/http/wizard/view.ts';
import { CATALOGUE, day, read, readAt } from './billing/shown.ts';

const [starter] = CATALOGUE.plans as [Plan];
const DRAFT: Draft = { ...EMPTY_DRAFT, plan: 'starter' };
const selling = (plan: Partial<Plan>): Catalogue => ({ ...CATALOGUE, plans: [{ ...starter, ...plan }] });
const view = (change: Partial<Omit<View, 'texts'>> = {}): View =>
  viewOf({
    catalogue: CATALOGUE,
    currencies: ['usd'],
    draft: DRAFT,
    problems: [],
    errors: [],
    language: 'en',
    trialDays: 0,
    ...change,
  });

describe('the plans', () => {
  it.each<[string, Partial<Plan>, string]>([
    ['with a set-up', {}, 'USD 250 per month USD 2,500 per year + USD 1,500 set-up, once'],
    ['without one', { setupAmount: 0 }, 'USD 250 per month USD 2,500 per year no set-up fee'],
    [
      'by the year only',
      { prices: { year: 250_000 } },
      'common data environment that follows ISO 19650. USD 2,500 per year +',
    ],
    ['per user', { usage: 'per_user', prices: { month: 900 } }, 'USD 9 per user per month'],
    ['priced for the case', { custom: true, prices: {} }, 'Priced for your case Talk to us'],
  ])('%s', (_what, plan, text) => {
    expect(read(planPage(view({ catalogue: selling(plan) })))).toContain(text);
  });

  it('are switched between intervals only where there are two, and a lone price is always shown', () => {
    expect(planPage(view())).toMatch(/<fieldset><legend[^>]*>Billing</);
    const yearly = planPage(view({ catalogue: selling({ prices: { year: 250_000 } }) }));
    expect(yearly).toContain('<fieldset class="hidden">');
    expect(yearly).toContain('value="year" checked');
    expect(yearly).not.toContain('for-year');
  });

  it('ask for users only where they are counted, and lead to whom to talk to', () => {
    expect(planPage(view())).not.toContain('name="quantity"');
    expect(planPage(view({ catalogue: selling({ usage: 'per_user' }) }))).toContain('name="quantity"');
    const custom = { ...selling({ custom: true, prices: {} }), contactUrl: 'mailto:sales@cde.example' };
    expect(planPage(view({ catalogue: custom }))).toContain('href="mailto:sales@cde.example">Talk to us');
  });

  it('offered by a salesperson and sold no longer show no price', () => {
    const offer: Offer = {
      id: 1,
      planKey: 'bronze',
      interval: 'month',
      amounts: { setup: 0, recurring: 900 },
      currency: 'usd',
      expiresAt: day(30),
    };
    const page = planPage(view({ offer }));
    expect(readAt(page, 'price')).toEqual([]);
    expect(page).not.toContain('type="radio"');
  });
});

describe('the review', () => {
  const people = ['a', 'b', 'c'].map((name) => ({
    name,
    email: `${name}@p.example`,
    role: 'appointed_party',
  }));
  const team = selling({ usage: 'per_user', setupAmount: 0, prices: { month: 900 } });
  it.each<[string, Partial<Omit<View, 'texts'>>, string]>([
    ['a flat plan', {}, 'Starter, Monthly USD 250 per month Set-up, once USD 1,500 Due today USD 1,750'],
    [
      'as many users as were typed',
      { catalogue: team, draft: { ...DRAFT, quantity: '7', stakeholders: people } },
      'Starter, Monthly · 7 users USD 63 per month Due today USD 63',
    ],
    [
      'as many users as there are people',
      { catalogue: team, draft: { ...DRAFT, stakeholders: people } },
      'Starter, Monthly · 3 users USD 27 per month Due today USD 27',
    ],
    [
      'a trial: only the set-up today',
      { trialDays: 14 },
      'Due today (the recurring price starts after a trial of 14 days) USD 1,500',
    ],
  ])('shows %s', (_what, change, text) => {
    expect(read(reviewPage(view(change)))).toContain(text);
  });

  it.each<[string, Offer['amounts'], string]>([
    [
      'agreed: the whole, however many users',
      { setup: 0, recurring: 5000 },
      'Starter, Monthly EUR 50 per month',
    ],
    ['not agreed: per user, in the offer’s currency', null, 'Starter, Monthly · 3 users EUR 24 per month'],
  ])('shows an offer whose amounts are %s', (_what, amounts, text) => {
    const [plan] = team.plans;
    const euro = { eur: { setupAmount: 0, prices: { month: 800 }, metered: {} } };
    const offer = { planKey: 'starter', interval: 'month', amounts, currency: 'eur' } as const;
    const catalogue = offeredCatalogue({ ...team, plans: [{ ...plan!, currencies: euro }] }, offer);
    expect(read(reviewPage(view({ catalogue, draft: { ...DRAFT, stakeholders: people } })))).toContain(text);
  });

  it('leaves out what was left empty', () => {
    const facts = (draft: Partial<Draft['organisation']>) =>
      read(reviewPage(view({ draft: { ...DRAFT, organisation: { ...DRAFT.organisation, ...draft } } })));
    expect(facts({ name: 'Bridges', country: 'DE', vat_id: ' ' })).not.toContain('VAT number');
    expect(facts({ country: 'DE', vat_id: 'DE123456789' })).toContain(
      'Country Germany VAT number DE123456789',
    );
    expect(facts({ country: 'XX' })).not.toContain('Country');
  });
});

describe('what is wrong', () => {
  it.each([
    ['/organisation/name', 'Name: '],
    ['/project/name', 'Project name: '],
    ['/project/code', 'Project code: '],
    ['/stakeholders/1/email', 'Person 2, E-mail: '],
    ['/stakeholders', ''],
    ['/plan', 'Plan: '],
  ])('at %s is called as the page calls it', (pointer, label) => {
    const page = planPage(view({ errors: [{ pointer, code: 'required' }] }));
    const link = /<div class="summary".*?<li><a href="#([^"]+)">(.*?)<\/a>/s.exec(page)!;
    expect(link[1]).toBe(pointer.slice(1).replaceAll('/', '-'));
    expect(link[2]).toBe(`${label}Please fill this in.`);
  });

  it('leads to the step it belongs to; to the first one where it belongs to none', () => {
    const step = (pointer: string) => stepOf({ pointer, code: 'required' });
    expect(['/quantity', '/project/name', '/stakeholders/0', '/locale', ''].map(step)).toEqual([
      'plan',
      'project',
      'stakeholders',
      'plan',
      'plan',
    ]);
  });
});

describe('a form', () => {
  const people = (form: string) => applyForm(DRAFT, 'stakeholders', new URLSearchParams(form)).stakeholders;
  it('with fields missing keeps those that came', () => {
    expect(people('name=Zoé&name=Max&email=zoe%40p.example')).toEqual([
      { name: 'Zoé', email: 'zoe@p.example', role: '' },
      { name: 'Max', email: '', role: '' },
    ]);
  });

  it('of a step that asks for nothing changes nothing', () => {
    expect(applyForm(DRAFT, 'review', new URLSearchParams('plan=enterprise'))).toBe(DRAFT);
  });
});
