/** Everything known about one paid subscription, read together: what provisioning and the ERP need to make the customer real. */
import type { BillingInterval } from './catalogue.ts';

/** ISO 19650-1 roles as the wizard offers them. */
export type StakeholderRole =
  | 'appointing_party'
  | 'lead_appointed_party'
  | 'appointed_party'
  | 'information_manager';

export interface Stakeholder {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly role: StakeholderRole;
}

export interface Organisation {
  readonly id: number;
  readonly providerCustomerId: string | null;
  readonly name: string;
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country: string;
  readonly vatId: string | null;
  readonly contactName: string;
  readonly contactEmail: string;
  /** Locale of mails, e.g. `en`, `fr`. */
  readonly locale: string;
  readonly looksLikeDuplicateOf: number | null;
}

export interface Project {
  readonly id: number;
  readonly organisationId: number;
  readonly name: string;
  readonly code: string;
  readonly description: string;
  readonly client: string;
}

export interface SubscriptionRecord {
  readonly id: number;
  /** Stripe's id, `sub_…`. */
  readonly providerId: string;
  readonly planKey: string | null;
  readonly billingInterval: BillingInterval | null;
  readonly quantity: number;
  /** ISO 4217, lower case. */
  readonly currency: string;
  /** Per interval, minor units of `currency`. */
  readonly recurringAmount: number;
  /** What it brings a month, minor units; nothing while its collection is paused. */
  readonly monthlyAmount: number;
  readonly status: string;
  readonly access: 'none' | 'provisioning' | 'provisioned' | 'suspended' | 'deprovisioned';
  readonly currentPeriodStart: Date | null;
  readonly currentPeriodEnd: Date | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly canceledAt: Date | null;
  readonly endedAt: Date | null;
  readonly trialEnd: Date | null;
  /** Raised whenever Stripe's side or our access state changed. */
  readonly version: number;
}

export interface FirstInvoice {
  readonly providerId: string;
  readonly number: string | null;
  readonly currency: string;
  /** Minor units. */
  readonly amountPaid: number;
  readonly hostedUrl: string | null;
  readonly paidAt: Date | null;
}

export interface Sale {
  readonly orderId: number;
  readonly organisation: Organisation;
  readonly project: Project;
  readonly stakeholders: readonly Stakeholder[];
  readonly planKey: string;
  readonly planName: string;
  readonly subscription: SubscriptionRecord;
  readonly firstInvoice: FirstInvoice;
}
