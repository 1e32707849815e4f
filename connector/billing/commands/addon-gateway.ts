/** What the add-on commands ask of the payment provider and of the registries of domain names. */
import type { InvoicePreview } from './subscription-gateway.ts';

export interface OwnedAddOn {
  /** The provider's: of a subscription's item, or of an invoice item for one sold once. */
  readonly id: string;
  readonly addOnKey: string;
  readonly sold: 'recurring' | 'once';
  readonly quantity: number;
  readonly currency: string;
  /** Of one, per interval or once; minor units. */
  readonly unitAmount: number;
  readonly interval: string | null;
  readonly domain: string | null;
  /** The wish that made it; null: made elsewhere. */
  readonly requestId: string | null;
}

export interface AddOnWish {
  readonly customerId: string;
  readonly subscriptionId: string;
  readonly priceId: string;
  readonly quantity: number;
  /** As of when the rest of the period is counted; null: when the request arrives. */
  readonly asOf: Date | null;
}

export interface NewAddOn extends AddOnWish {
  readonly addOnKey: string;
  readonly domain: string | null;
  readonly requestId: string;
}

export interface AddOnGateway {
  /** Of one subscription, by the provider's ids. */
  list(input: { customerId: string; subscriptionId: string }): Promise<readonly OwnedAddOn[]>;
  /** What `addRecurring` would charge. */
  preview(input: AddOnWish): Promise<InvoicePreview>;
  /** Charged at once for the rest of the period. @throws ConnectorError permanent `stripe_card` */
  addRecurring(input: NewAddOn, key: string): Promise<void>;
  /** On the next invoice. */
  addOnce(input: NewAddOn, key: string): Promise<void>;
  /** What is left of the period is credited on the next invoice. */
  remove(input: { subscriptionId: string; id: string }, key: string): Promise<void>;
}

export interface DomainFacts {
  /** null: no registry could be asked about names of this kind. */
  readonly registered: boolean | null;
  /** Lower case, without the last dot. */
  readonly nameServers: readonly string[];
}

export interface DomainCheck {
  /** @throws ConnectorError retryable `registry_away` */
  look(domain: string): Promise<DomainFacts>;
}
