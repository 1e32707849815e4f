/** What a customer reads on the billing page in each state, and which buttons are there. */
import { describe, expect, it } from 'vitest';
import type { AccountSubscription } from '../../../connector/billing/account/subscriptions.ts';
import type { AddOn } from '../../../connector/billing/catalogue.ts';
import type { OwnedAddOn } from '../../../connector/billing/commands/addon-gateway.ts';
import type {
  LiveDiscount,
  LiveSubscription,
} from '../../../connector/billing/commands/subscription-gateway.ts';
import { billingPage } from '../../../connector/http/billing/page/billing-page.ts';
import type { BillingView, ShownSubscription } from '../../../connector/http/billing/page/view.ts';
import { liveOf } from '../../support/live-subscription.ts';
import { CATALOGUE, day, discountOf, formsOf, invoiceOf, read, readAt, shownOf, viewOf } from './shown.ts';

const pageOf = (shown: ShownSubscription, view: Partial<BillingView> = {}): string =>
  billingPage(viewOf({ ...view, subscriptions: [shown] }));

describe('the next date of a subscription', () => {
  type Rest = Partial<Omit<ShownSubscription, 'row'>>;
  it.each<[what: string, text: string, row: Partial<AccountSubscription>, rest?: Rest]>([
    ['renews at its price', 'Renews on December 1, 2026 for USD 250 per month', {}],
    [
      'renews at what the provider will charge',
      'Renews on December 1, 2026 for USD 212.50',
      {},
      {
        upcoming: {
          currency: 'usd',
          total: 21_250,
          discount: 3750,
          tax: 0,
          amountDue: 21_250,
          at: new Date(0),
          lines: [],
        },
      },
    ],
    [
      'of another interval: without a wrong one',
      'Renews on December 1, 2026 for USD 250',
      { billingInterval: 'week' },
    ],
    ['is not known yet', '', { currentPeriodEnd: null }],
    [
      'is the trial’s end',
      'Free trial until November 15, 2026, then USD 250 per month',
      { status: 'trialing', trialEnd: day(15) },
    ],
    [
      'is the end, when it was cancelled',
      'Ends on December 1, 2026; nothing more is charged',
      { cancelAtPeriodEnd: true },
    ],
    [
      'is the end that staff have set',
      'Ends on November 20, 2026; nothing more is charged',
      { cancelAt: day(20) },
    ],
    ['is none while it is paused', 'No payments are collected for now', { status: 'paused' }],
    [
      'is none while only collecting rests',
      'No payments are collected for now',
      {},
      { live: liveOf({ collectionPaused: true }) },
    ],
    ['is over', 'Ended on November 10, 2026', { status: 'canceled', endedAt: day(10) }, { ended: true }],
    [
      'is over before it began',
      'Ended on November 1, 2026',
      { status: 'incomplete_expired' },
      { ended: true },
    ],
  ])('%s', (_what, text, row, rest) => {
    expect(readAt(pageOf(shownOf(row, rest)), 'next')).toEqual([text]);
  });

  it('and what is planned for then can be taken back', () => {
    const planned = (scheduled: Partial<NonNullable<LiveSubscription['scheduled']>>) => {
      const change = {
        scheduleId: 'sub_sched_1',
        priceId: 'price_1',
        planKey: 'professional',
        interval: 'year',
        quantity: 1,
        at: day(31),
      };
      return pageOf(shownOf({}, { live: liveOf({ scheduled: { ...change, ...scheduled } }) }));
    };
    expect(readAt(planned({}), 'scheduled')).toEqual([
      'Changes to Professional (yearly) on December 1, 2026 Keep the present plan',
    ]);
    expect(readAt(planned({ planKey: null, interval: 'week' }), 'scheduled')).toEqual([
      'Changes to Individual agreement on December 1, 2026 Keep the present plan',
    ]);
    expect(formsOf(planned({}))).toContain('keep-plan');
  });
});

describe('a subscription', () => {
  it.each<[string, Partial<AccountSubscription>, string, string]>([
    ['of ours', {}, 'Starter', 'Active'],
    ['that staff made of a product of their own', { planKey: null }, 'Individual agreement', 'Active'],
    ['of a plan that is no longer in the catalogue', { planKey: 'bronze' }, 'Individual agreement', 'Active'],
    ['for several users', { quantity: 12 }, 'Starter × 12', 'Active'],
    ['whose payment is overdue', { status: 'past_due' }, 'Starter', 'Payment overdue'],
    ['in a state Stripe thought of later', { status: 'hibernating' }, 'Starter', 'hibernating'],
  ])('%s is named with its state', (_what, row, name, status) => {
    const page = pageOf(shownOf(row));
    expect(readAt(page, 'card-head')).toEqual([`${name} ${status}`]);
  });

  it('leads to paying what is open', () => {
    const unpaid = invoiceOf({ status: 'open', amountPaid: 0 });
    const page = pageOf(shownOf({ status: 'past_due' }, { unpaid }));
    expect(page).toContain(
      '<a class="button primary" rel="noreferrer" href="https://invoice.example/7">Pay now</a>',
    );
    expect(pageOf(shownOf({}, { unpaid: invoiceOf({ hostedInvoiceUrl: null }) }))).not.toContain('Pay now');
  });

  it.each<[string, ShownSubscription, string[]]>([
    ['active', shownOf(), ['change', 'promotion-code', 'cancel']],
    ['overdue: paid first, changed then', shownOf({ status: 'past_due' }), ['promotion-code', 'cancel']],
    [
      'waiting for the payment of a change',
      shownOf({}, { live: liveOf({ updatePending: true }) }),
      ['promotion-code', 'cancel'],
    ],
    ['cancelled', shownOf({ cancelAtPeriodEnd: true, cancelAt: day(31) }), ['promotion-code', 'reactivate']],
    ['paused', shownOf({ status: 'paused' }), ['promotion-code', 'resume', 'cancel']],
    [
      'not collected',
      shownOf({}, { live: liveOf({ collectionPaused: true }) }),
      ['change', 'promotion-code', 'resume', 'cancel'],
    ],
    ['of a foreign product', shownOf({ planKey: null }), ['promotion-code', 'cancel']],
    ['as we were told last, the provider away', shownOf({}, { live: undefined }), ['change', 'cancel']],
    ['ended', shownOf({ status: 'canceled' }, { ended: true, live: undefined }), []],
  ])('%s has the buttons that do something', (_what, shown, forms) => {
    const all = formsOf(pageOf(shown)).filter(
      (form) => form !== 'logout' && form !== 'portal' && form !== 'addons',
    );
    expect(all).toEqual(forms);
  });

  it('that was left can be taken up again, once for each project that nobody serves', () => {
    const left = { status: 'canceled', access: 'deprovisioned', projectId: 3, project: 'Bridge' };
    const over = (row: Partial<AccountSubscription>) =>
      shownOf({ ...left, ...row }, { ended: true, live: undefined });
    const offered = (...subscriptions: ShownSubscription[]) =>
      [...billingPage(viewOf({ subscriptions })).matchAll(/name="after" value="(\d+)"/g)].map(([, id]) => id);
    expect(offered(over({ id: 8 }), over({ id: 7 }), over({ id: 6, projectId: 4 }))).toEqual(['8', '6']);
    expect(offered(over({ id: 8, status: 'incomplete_expired', access: 'none' }), over({ id: 7 }))).toEqual([
      '7',
    ]);
    expect(offered(over({ id: 8 }), shownOf({ id: 7, projectId: 3 }))).toEqual([]);
    expect(offered(over({ access: 'none' }))).toEqual([]);
    expect(offered(over({ projectId: null }))).toEqual([]);
    expect(offered(over({ currency: 'chf' }))).toEqual([]);
  });

  it('says until when all works before it is cancelled, and nothing of the kind while it is paused', () => {
    expect(read(pageOf(shownOf()))).toContain('Everything keeps working until December 1, 2026.');
    expect(read(pageOf(shownOf({ currentPeriodEnd: null })))).not.toContain('keeps working');
    expect(read(pageOf(shownOf({ status: 'paused' })))).not.toContain('keeps working');
  });

  it('offers plans by the currency it is paid in, and none where there is no price in it', () => {
    const [starter, ...others] = CATALOGUE.plans;
    const currencies = { eur: { setupAmount: 0, prices: { month: 23_000 }, metered: {} } };
    const catalogue = { ...CATALOGUE, plans: [{ ...starter!, currencies }, ...others] };
    const euro = pageOf(shownOf({ currency: 'eur' }), { catalogue });
    expect(read(euro)).toContain('Starter: EUR 230 per month Billed Monthly');
    expect(euro).not.toContain('<option value="professional"');
    expect(euro).not.toContain('<option value="year"');
    expect(formsOf(pageOf(shownOf({ currency: 'chf' }), { catalogue }))).not.toContain('change');
  });
});

describe('a discount', () => {
  it.each<[string, Partial<LiveDiscount>]>([
    ['20 % off (FIFTH)', { percentOff: 20, code: 'FIFTH', name: 'A fifth' }],
    ['12.5 % off (Winter), until December 1, 2026', { percentOff: 12.5, name: 'Winter', endsAt: day(31) }],
    ['USD 15 off', { amountOff: 1500 }],
    ['USD 15.50 off (WELCOME), on one invoice', { amountOff: 1550, code: 'WELCOME', once: true }],
  ])('reads %s', (text, change) => {
    const page = pageOf(shownOf({}, { live: liveOf({ discounts: [discountOf(change)] }) }));
    expect(readAt(page, 'discount')).toEqual([text]);
  });

  it('speaks French with its comma', () => {
    const live = liveOf({ discounts: [discountOf({ percentOff: 12.5 })] });
    expect(readAt(pageOf(shownOf({}, { live }), { language: 'fr' }), 'discount')).toEqual([
      '12,5 % de remise',
    ]);
  });

  it('goes with all others by one button; a code is asked only where there is none', () => {
    const live = liveOf({ discounts: [discountOf({ percentOff: 20 }), discountOf({ amountOff: 500 })] });
    const page = pageOf(shownOf({}, { live }));
    expect(readAt(page, 'discount')).toEqual(['20 % off', 'USD 5 off']);
    expect(formsOf(page).filter((form) => form.includes('discount'))).toEqual(['discounts/remove']);
    expect(formsOf(page)).not.toContain('promotion-code');
    expect(formsOf(pageOf(shownOf({}, { live, ended: true })))).not.toContain('discounts/remove');
    const without = pageOf(shownOf(), { catalogue: { ...CATALOGUE, promotionCodes: false } });
    expect(formsOf(without)).not.toContain('promotion-code');
  });
});

describe('add-ons', () => {
  const owned = (change: Partial<OwnedAddOn> = {}): OwnedAddOn => ({
    id: 'si_1',
    addOnKey: 'email_5',
    sold: 'recurring',
    quantity: 1,
    currency: 'usd',
    unitAmount: 1000,
    interval: 'month',
    domain: null,
    requestId: null,
    ...change,
  });
  const offered = (page: string): string[] =>
    [...page.matchAll(/data-offer="(\w+)"/g)].map(([, key]) => key!);

  it.each<[string, Partial<OwnedAddOn>, string]>([
    ['one', {}, 'E-mail pack 5 Remove'],
    ['several', { quantity: 3 }, '3 × E-mail pack 5 Remove'],
    [
      'with its domain',
      { addOnKey: 'custom_domain', domain: 'harbour.example' },
      'Custom domain: harbour.example Remove',
    ],
    ['sold once: there is nothing to remove', { addOnKey: 'premium_ssl', sold: 'once' }, 'Premium SSL'],
    ['no longer in the catalogue', { addOnKey: 'fax_line' }, 'fax_line Remove'],
  ])('that are there: %s', (_what, change, text) => {
    const page = pageOf(shownOf({ planKey: null }, { addOns: [owned(change)] }));
    expect(readAt(page, 'people')).toEqual([text]);
    expect(page).toContain('<details class="add-ons" open>');
  });

  it('are offered where they go with the plan, are sold by its interval, and are not there yet', () => {
    const at = (row: Partial<AccountSubscription>, addOns: OwnedAddOn[] = []) =>
      offered(pageOf(shownOf(row, { addOns })));
    expect(at({})).not.toContain('premium_ssl');
    expect(at({ planKey: 'professional' })).toContain('premium_ssl');
    expect(at({ planKey: 'professional' }, [owned({ addOnKey: 'premium_ssl', sold: 'once' })])).not.toContain(
      'premium_ssl',
    );
    // A repeatable one can be had again.
    expect(at({}, [owned()])).toContain('email_5');
    expect(at({ billingInterval: 'week' })).toEqual([]);
    expect(at({ planKey: null })).toEqual([]);
    expect(at({ currency: 'eur' })).toEqual([]);
  });

  it('say what they cost: by the interval, or once on the next invoice', () => {
    const text = read(pageOf(shownOf({ planKey: 'professional' })));
    expect(text).toContain('E-mail pack 5 · USD 10 per month');
    expect(text).toContain('Premium SSL · USD 99 once (on the next invoice)');
    expect(read(pageOf(shownOf({ billingInterval: 'year' })))).toContain('E-mail pack 5 · USD 100 per year');
    const monthly: AddOn = {
      ...CATALOGUE.addOns.find(({ key }) => key === 'email_5')!,
      prices: { month: 1000 },
    };
    const catalogue = { ...CATALOGUE, addOns: [monthly] };
    expect(pageOf(shownOf({ billingInterval: 'year' }), { catalogue })).not.toContain('add-ons');
  });
});

describe('means of payment', () => {
  const card = { brand: 'visa', last4: '4242', expMonth: 3, expYear: 2028 };
  const customer = { name: null, email: null, address: null, taxIds: [], paymentMethod: card };
  it.each<[string, Partial<BillingView>, string | undefined]>([
    ['a card', { customer }, 'VISA ending in 4242, expires 03/2028'],
    ['none', { customer: { ...customer, paymentMethod: null } }, 'No payment method is stored.'],
    ['a customer that is gone at the provider', { customer: null }, 'No payment method is stored.'],
    ['not known while the provider is away', { customer: undefined }, ''],
    ['nothing was ever bought', { organisation: { ...viewOf().organisation, customerId: null } }, undefined],
  ])('%s', (_what, change, text) => {
    const page = billingPage(viewOf(change));
    const section = /<section class="card" id="payment">.*?<p>(.*?)<\/p>/s.exec(page)?.[1];
    expect(section === undefined ? undefined : read(section)).toBe(text);
  });
});

describe('invoices', () => {
  const listOf = (invoices: ReturnType<typeof invoiceOf>[], nextCursor: string | null = null) =>
    billingPage(viewOf({ invoices: { invoices, nextCursor } }));
  it('are not there yet', () => {
    const text = read(billingPage(viewOf()));
    expect(text).toContain('There is no invoice yet.');
    expect(text).toContain('There is no subscription yet. Choose a plan');
  });

  it.each([
    ['paid', { status: 'paid' }, 'Paid', ['PDF']],
    ['open', { status: 'open' }, 'Open', ['PDF', 'Pay']],
    ['open without a page of its own', { status: 'open', hostedInvoiceUrl: null }, 'Open', ['PDF']],
    ['without a PDF', { invoicePdf: null }, 'Paid', []],
    ['of a state of Stripe’s own', { status: 'frozen' }, 'frozen', ['PDF']],
  ])('%s: state and links', (_what, change, status, links) => {
    const page = listOf([invoiceOf(change)]);
    expect(readAt(page, 'badge')).toEqual([status]);
    const rows = /<tbody>(.*)<\/tbody>/s.exec(page)![1]!;
    expect([...rows.matchAll(/<a [^>]*>(.*?)<\/a>/g)].map(([, text]) => text)).toEqual(links);
  });

  it('in two currencies each read in theirs, to the cent', () => {
    const text = read(listOf([invoiceOf(), invoiceOf({ currency: 'jpy', total: 37_001, number: 'A-0008' })]));
    expect(text).toContain('November 1, 2026 A-0007 USD 250.00 Paid');
    expect(text).toContain('November 1, 2026 A-0008 JPY 37,001 Paid');
  });

  it('lead to older ones while there are some', () => {
    expect(listOf([invoiceOf()], 'bmV4dA')).toContain(
      '<a href="/billing?cursor=bmV4dA#invoices">Older invoices</a>',
    );
    expect(listOf([invoiceOf()])).not.toContain('cursor=');
  });
});

it('says what has happened by its code, and names the project', () => {
  const page = billingPage(
    viewOf({ note: 'cancelled', subscriptions: [shownOf({ project: 'Harbour <bridge>' })] }),
  );
  expect(page).toMatch(/<p class="note" role="status" data-note="cancelled">The subscription is cancelled/);
  expect(page).toContain('<dt>Project</dt><dd>Harbour &lt;bridge&gt;</dd>');
  expect(billingPage(viewOf())).not.toContain('role="status"');
});
