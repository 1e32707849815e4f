/** What the billing pages ask of the payment provider, beside the commands. Money in minor units, times UTC. */

export interface PreviewLine {
  readonly description: string | null;
  readonly amount: number;
  readonly proration: boolean;
  readonly periodStart: Date;
  readonly periodEnd: Date;
}

export interface UpcomingInvoice {
  readonly currency: string;
  readonly total: number;
  /** Taken off by coupons; part of the total. */
  readonly discount: number;
  readonly tax: number;
  readonly amountDue: number;
  /** When it will be made; it is charged, or sent, within the hour. */
  readonly at: Date;
  readonly lines: readonly PreviewLine[];
}

export interface BillingAddress {
  readonly line1: string | null;
  readonly line2: string | null;
  readonly postal_code: string | null;
  readonly city: string | null;
  readonly state: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
}

export interface TaxId {
  readonly type: string;
  readonly value: string;
}

export interface BillingCustomer {
  readonly name: string | null;
  readonly email: string | null;
  readonly address: BillingAddress | null;
  readonly taxIds: readonly TaxId[];
  /** What is charged; never more than these four. */
  readonly paymentMethod: {
    readonly brand: string;
    readonly last4: string;
    readonly expMonth: number;
    readonly expYear: number;
  } | null;
}

export interface CustomerChange {
  readonly name?: string;
  readonly email?: string;
  readonly address?: Partial<BillingAddress>;
  /** null: takes all away. */
  readonly taxId?: TaxId | null;
}

export interface AccountGateway {
  /** null: nothing more will be billed. */
  upcomingInvoice(input: {
    subscriptionId: string;
    /** Of a change that comes with the next period; null: none. */
    scheduleId: string | null;
  }): Promise<UpcomingInvoice | null>;
  /** The provider's own page for means of payment and invoices; the address works for minutes. */
  portal(input: {
    customerId: string;
    returnUrl: string;
    locale: string;
    paymentMethodOnly: boolean;
  }): Promise<{ url: string }>;
  /** null: gone at the provider. */
  customer(customerId: string): Promise<BillingCustomer | null>;
  /** @throws ConnectorError permanent `tax_id_invalid` */
  changeCustomer(customerId: string, change: CustomerChange): Promise<void>;
}
