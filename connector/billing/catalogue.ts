/** The company's catalogue as `mappings/plans.json` holds it; the schema beside that file says the same to people and editors. */

export type BillingInterval = 'month' | 'year';

/** An amount per interval, minor units of the catalogue's currency; an interval left out is not sold. */
export type IntervalPrices = Readonly<Partial<Record<BillingInterval, number>>>;

/** Something counted by a Stripe meter and billed after use. */
export interface MeteredPrice {
  /** Stable key within the catalogue: two plans may share one meter. */
  readonly key: string;
  readonly name: string;
  /** What one unit is: `request`, `MB`. */
  readonly unit: string;
  /** Price of one unit in minor units, a decimal as text: "1" is 0.01 USD. */
  readonly unitAmount: string;
  /** Event name of the Stripe meter (billing.meters). */
  readonly eventName: string;
}

/** What something costs in a further currency, minor units of it. */
export interface CurrencyPrices {
  readonly setupAmount: number;
  readonly prices: IntervalPrices;
  /** By meter key, a decimal as text. */
  readonly metered: Readonly<Record<string, string>>;
}

/** Sold beside a plan, on its own product. */
export interface AddOn {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly prices: IntervalPrices;
  /** Sold once, minor units; null: by the interval only. */
  readonly oneTimeAmount: number | null;
  /** Plans it goes with; null: all. */
  readonly plans: readonly string[] | null;
  /** true: as often as wanted, otherwise once a subscription. */
  readonly repeatable: boolean;
  /** By ISO 4217 code, lower case; the catalogue's own is not among them. */
  readonly currencies: Readonly<
    Record<string, { readonly prices: IntervalPrices; readonly oneTimeAmount: number | null }>
  >;
  /** What the product lets customers do who have it; only of one sold by the interval. */
  readonly featureKeys: readonly string[];
  /** It is for a domain name, which must be registered and use these name servers; an empty list: any. null: none is asked. */
  readonly domain: { readonly nameServers: readonly string[] } | null;
}

export interface Plan {
  /** Stable key, in every Stripe price's metadata as `plan_key`. */
  readonly key: string;
  readonly name: string;
  readonly description: string;
  /** One-time set-up fee, minor units of the catalogue's currency; 0: none. */
  readonly setupAmount: number;
  /** Recurring amount per interval (and per user when `usage` says so). Empty and `custom`: "talk to us". */
  readonly prices: IntervalPrices;
  readonly custom: boolean;
  /** By ISO 4217 code, lower case; the catalogue's own is not among them. */
  readonly currencies: Readonly<Record<string, CurrencyPrices>>;
  /** `per_user`: the quantity counts users; `flat`: always one. */
  readonly usage: 'flat' | 'per_user';
  /** Billed after use, beside the recurring price. */
  readonly metered: readonly MeteredPrice[];
  /** For people. */
  readonly features: readonly string[];
  /** For the product: what it lets customers of this plan do. */
  readonly featureKeys: readonly string[];
  /** null: unlimited. */
  readonly limits: {
    readonly projects: number | null;
    readonly users: number | null;
    readonly storageGb: number | null;
  };
  /** What differs when a customer of this plan is provisioned. */
  readonly provisioning: {
    readonly documents: readonly ('bep' | 'eir')[];
    readonly storageLifecycleDays: number;
  };
}

/** When a change of each kind takes effect, and what it costs besides. */
export interface ChangePolicy {
  /** To a dearer plan. */
  readonly upgrade: ChangeTime;
  /** To a cheaper one, a free one too. */
  readonly downgrade: ChangeTime;
  /** From monthly to yearly. */
  readonly longer: ChangeTime;
  readonly shorter: ChangeTime;
  /** More users of a plan priced per user. */
  readonly more: ChangeTime;
  readonly fewer: ChangeTime;
  /** `difference`: a dearer plan's set-up fee less the present one's is due with the change. */
  readonly setup: 'none' | 'difference';
  /** `full`: who comes back to a project that still stands pays the set-up again. */
  readonly returnSetup: 'none' | 'full';
}

export type ChangeTime = 'now' | 'period_end';

export interface Catalogue {
  /** What the whole offer is called; heads the wizard. */
  readonly name: string;
  /** ISO 4217, lower case. */
  readonly currency: string;
  /** Ends the lookup keys of its prices: empty in its own currency, else `_eur`. */
  readonly lookupSuffix: string;
  /** Where "talk to us" leads: an http(s) or mailto URL; null when no plan is custom. */
  readonly contactUrl: string | null;
  /** The provider works out taxes by the customer's address and tax ids (Stripe Tax); switched on there too. */
  readonly automaticTax: boolean;
  /** Customers may type the provider's promotion codes, at the checkout and later. */
  readonly promotionCodes: boolean;
  readonly plans: readonly Plan[];
  readonly addOns: readonly AddOn[];
  readonly changes: ChangePolicy;
}
