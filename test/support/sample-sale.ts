/** A sale of a starter plan, paid in November 2026, as readSale finds it. */
import type { Sale } from '../../connector/billing/sale.ts';

export function sampleSale(change: { project?: Partial<Sale['project']>; vatId?: string | null } = {}): Sale {
  return {
    orderId: 3,
    organisation: {
      id: 5,
      providerCustomerId: 'cus_1',
      name: 'Harbour Works',
      country: 'BE',
      vatId: change.vatId ?? null,
      contactName: 'Ada Contact',
      contactEmail: 'ada@harbour.example',
      locale: 'fr',
      looksLikeDuplicateOf: null,
    },
    project: {
      id: 9,
      organisationId: 5,
      name: 'Harbour Tower',
      code: 'HT-01',
      description: 'A tower',
      client: 'Port Authority',
      ...change.project,
    },
    stakeholders: [
      { id: 1, name: 'Ines Manager', email: 'ines@harbour.example', role: 'information_manager' },
      { id: 2, name: 'Lars Lead', email: 'lars@harbour.example', role: 'lead_appointed_party' },
    ],
    planKey: 'starter',
    planName: 'Starter',
    subscription: {
      id: 7,
      providerId: 'sub_1',
      planKey: 'starter',
      billingInterval: 'month',
      quantity: 1,
      currency: 'usd',
      recurringAmount: 25_000,
      monthlyAmount: 25_000,
      status: 'active',
      access: 'provisioning',
      currentPeriodStart: new Date('2026-11-01T00:00:00Z'),
      currentPeriodEnd: new Date('2026-12-01T00:00:00Z'),
      cancelAtPeriodEnd: false,
      canceledAt: null,
      endedAt: null,
      trialEnd: null,
      version: 1,
    },
    firstInvoice: {
      providerId: 'in_1',
      number: 'A-1',
      currency: 'usd',
      amountPaid: 175_000,
      hostedUrl: null,
      paidAt: new Date('2026-11-02T10:00:00Z'),
    },
  };
}
