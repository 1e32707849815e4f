/** Who lives a life, as far as the world knows them. */
/** One project of a customer, and the subscriptions that paid for it one after the other. */
export interface Place {
  readonly project: string;
  readonly code: string;
  /** Of its people. */
  readonly logins: readonly string[];
  /** Ids of Stripe's. */
  readonly subscriptions: readonly string[];
}

export interface Customer {
  readonly seed: number;
  /** As the proxy tells it: each has a limit of their own. */
  readonly address: string;
  /** null: has not subscribed yet. */
  id: string | null;
  contact: string;
  places: readonly Place[];
}
