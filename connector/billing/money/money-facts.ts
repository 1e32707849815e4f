/** Money that went back or is contested, as the provider has it now, in our words. Amounts in minor units, times UTC. */

export interface RefundFact {
  readonly providerId: string;
  readonly charge: string | null;
  readonly paymentIntent: string | null;
  readonly currency: string;
  readonly amount: number;
  /** The provider's word: pending, succeeded, failed, canceled. */
  readonly status: string;
  readonly reason: string | null;
  readonly failureReason: string | null;
  readonly created: Date;
}

export interface DisputeFact {
  readonly providerId: string;
  readonly charge: string;
  readonly paymentIntent: string | null;
  readonly currency: string;
  readonly amount: number;
  /** The provider's word; an open set. */
  readonly status: string;
  readonly reason: string;
  readonly evidenceDueBy: Date | null;
  /** Taken from our balance and not given back, in the balance's currency. */
  readonly fundsWithdrawn: number;
  readonly created: Date;
}

export interface CreditNoteFact {
  readonly providerId: string;
  readonly invoiceId: string;
  readonly number: string;
  readonly status: string;
  readonly currency: string;
  readonly amount: number;
  readonly reason: string | null;
  readonly pdf: string;
  readonly created: Date;
}

/** Asked only when an event names the charge or the invoice; implemented by the Stripe adapter. */
export interface MoneyReads {
  refunds(charge: string): Promise<readonly RefundFact[]>;
  disputes(charge: string): Promise<readonly DisputeFact[]>;
  creditNotes(invoiceId: string): Promise<readonly CreditNoteFact[]>;
  /** null: it paid no invoice. */
  invoiceOfPayment(paymentIntent: string): Promise<string | null>;
  /** Whose charge or invoice this is; null: nobody's. */
  customerOf(named: { charge: string | null; invoice: string | null }): Promise<string | null>;
}
