/** What a document can be told about a sale: the names that `mappings/bep.json` may use. */
import type { Sale } from '../billing/sale.ts';
import type { DocumentKind } from '../provisioning/ports.ts';

export interface Facts {
  readonly document: DocumentKind;
  readonly language: string;
  readonly project: {
    readonly name: string;
    readonly code: string;
    readonly description: string;
    readonly client: string;
  };
  readonly organisation: {
    readonly name: string;
    /** ISO 3166-1 alpha-2. */
    readonly country: string;
    /** Empty: none. */
    readonly vatId: string;
    readonly contactName: string;
    readonly contactEmail: string;
  };
  readonly plan: { readonly key: string; readonly name: string };
  /** `role` is the ISO 19650-1 role: appointing_party, lead_appointed_party, appointed_party or information_manager. */
  readonly parties: readonly { readonly name: string; readonly email: string; readonly role: string }[];
  readonly standards: readonly string[];
  /** `date`: YYYY-MM-DD, UTC. */
  readonly milestones: readonly { readonly name: string; readonly date: string }[];
}

const DAY_MS = 86_400_000;

/**
 * The day of payment starts the milestones' count, so that a repeated request says the same as the first.
 * @param settings.now used only for an invoice without a payment date
 */
export function factsOf(
  kind: DocumentKind,
  sale: Sale,
  settings: {
    standards: readonly string[];
    milestones: readonly { readonly name: string; readonly afterDays: number }[];
    now: Date;
  },
): Facts {
  const start = sale.firstInvoice.paidAt ?? sale.subscription.currentPeriodStart ?? settings.now;
  const { organisation, project } = sale;
  return {
    document: kind,
    language: organisation.locale,
    project: {
      name: project.name,
      code: project.code,
      description: project.description,
      client: project.client,
    },
    organisation: {
      name: organisation.name,
      country: organisation.country,
      vatId: organisation.vatId ?? '',
      contactName: organisation.contactName,
      contactEmail: organisation.contactEmail,
    },
    plan: { key: sale.planKey, name: sale.planName },
    parties: sale.stakeholders.map(({ name, email, role }) => ({ name, email, role })),
    standards: settings.standards,
    milestones: settings.milestones.map(({ name, afterDays }) => ({
      name,
      date: new Date(start.getTime() + afterDays * DAY_MS).toISOString().slice(0, 10),
    })),
  };
}

/** Against which a mapping is tried when it is loaded: each name that exists, with something in each list. */
export const SAMPLE_FACTS: Facts = {
  document: 'bep',
  language: 'en',
  project: { name: 'Harbour Tower', code: 'HT-01', description: 'Offices', client: 'Harbour Ltd' },
  organisation: {
    name: 'Acme',
    country: 'GB',
    vatId: 'GB123456789',
    contactName: 'Ada',
    contactEmail: 'ada@example.com',
  },
  plan: { key: 'starter', name: 'Starter' },
  parties: [{ name: 'Ada', email: 'ada@example.com', role: 'information_manager' }],
  standards: ['ISO 19650-1:2018'],
  milestones: [{ name: 'Start', date: '2026-01-01' }],
};
