/** The billing page's facts: one monthly Starter of the sample catalogue, paid in USD; a test changes what it is about. */
import type { AccountInvoice } from '../../../connector/billing/account/invoices.ts';
import type { AccountSubscription } from '../../../connector/billing/account/subscriptions.ts';
import type { LiveDiscount } from '../../../connector/billing/commands/subscription-gateway.ts';
import { loadCatalogue } from '../../../connector/billing/plans.ts';
import type { BillingView, ShownSubscription } from '../../../connector/http/billing/page/view.ts';
import { liveOf } from '../../support/live-subscription.ts';

export const CATALOGUE = loadCatalogue('mappings/plans.json');
/** Midnight UTC of a day of November 2026; 31 is 1 December. */
export const day = (date: number): Date => new Date(Date.UTC(2026, 10, date));

export const rowOf = (change: Partial<AccountSubscription> = {}): AccountSubscription => ({
  id: 7,
  provider: 'stripe',
  providerId: 'sub_7',
  planKey: 'starter',
  billingInterval: 'month',
  quantity: 1,
  currency: 'usd',
  recurringAmount: 25_000,
  status: 'active',
  access: 'provisioned',
  currentPeriodStart: day(1),
  currentPeriodEnd: day(31),
  cancelAtPeriodEnd: false,
  cancelAt: null,
  endedAt: null,
  trialEnd: null,
  created: day(1),
  projectId: null,
  project: null,
  ...change,
});

export const discountOf = (change: Partial<LiveDiscount> = {}): LiveDiscount => ({
  name: null,
  code: null,
  percentOff: null,
  amountOff: null,
  endsAt: null,
  once: false,
  ...change,
});

export const invoiceOf = (change: Partial<AccountInvoice> = {}): AccountInvoice => ({
  providerId: 'in_7',
  subscriptionId: 7,
  number: 'A-0007',
  status: 'paid',
  currency: 'usd',
  amountDue: 25_000,
  amountPaid: 25_000,
  total: 25_000,
  hostedInvoiceUrl: 'https://invoice.example/7',
  invoicePdf: 'https://invoice.example/7.pdf',
  created: day(1),
  paidAt: day(1),
  ...change,
});

export const shownOf = (
  row: Partial<AccountSubscription> = {},
  rest: Partial<Omit<ShownSubscription, 'row'>> = {},
): ShownSubscription => ({
  row: rowOf(row),
  live: liveOf(),
  addOns: [],
  ended: false,
  upcoming: undefined,
  unpaid: undefined,
  ...rest,
});

export const viewOf = (change: Partial<BillingView> = {}): BillingView => ({
  site: 'Managed CDE',
  language: 'en',
  catalogue: CATALOGUE,
  organisation: {
    id: 5,
    name: 'Bridges Ltd',
    country: 'GB',
    vatId: null,
    contactName: 'Ada Byron',
    contactEmail: 'ada@bridges.example',
    locale: 'en',
    customerId: 'cus_7',
  },
  subscriptions: [],
  invoices: { invoices: [], nextCursor: null },
  customer: null,
  note: undefined,
  ...change,
});

/** What somebody reads: the page's text, one space between words, typographic spaces plain. */
export const read = (page: string): string =>
  page
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim();

/** What is read in each element with this class or id. */
export const readAt = (page: string, name: string): string[] =>
  [...page.matchAll(new RegExp(`<(\\w+)[^>]* (?:class|id)="${name}"[^>]*>(.*?)</\\1>`, 'gs'))].map(
    ([, , text]) => read(text!),
  );

/** Where its forms lead. */
export const formsOf = (page: string): string[] =>
  [...page.matchAll(/<form[^>]* action="\/billing\/([^"]+)"/g)].map(([, action]) => action!);
