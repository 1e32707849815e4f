/** What a customer fills in for one order, as it travels. */
import type { BillingInterval } from './catalogue.ts';
import type { StakeholderRole } from './sale.ts';

export interface OrganisationInput {
  readonly name: string;
  readonly country: string;
  readonly vat_id?: string;
  readonly contact_name: string;
  readonly contact_email: string;
}

/** As it travels: the body of POST checkout and the wizard's draft share this shape. */
export interface OrderInput {
  readonly plan: string;
  readonly interval: BillingInterval;
  /** Users, for a plan priced per user; default: as many as there are stakeholders. */
  readonly quantity?: number;
  /** Left out only by a known organisation. */
  readonly organisation?: OrganisationInput;
  readonly project: {
    readonly name: string;
    readonly code: string;
    readonly description?: string;
    readonly client?: string;
  };
  readonly stakeholders: readonly {
    readonly name: string;
    readonly email: string;
    readonly role: StakeholderRole;
  }[];
  readonly locale?: string;
  /** ISO 4217, lower case; one the catalogue is sold in. Left out: its own. */
  readonly currency?: string;
}
