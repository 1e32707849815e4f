/** What set-up in the ERP is told. */
import type { OdooMapping } from '../../../connector/crm/mapping.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import type { PaymentProvider } from './payment-provider.ts';

export interface SetupOptions {
  /** Carries an administrator's key; stored nowhere. */
  readonly odooAdmin: Odoo;
  /** The port with another login and key, to see whether the key in `keyFile` works. */
  readonly odooAs: (login: string, apiKey: string) => Odoo;
  /** Where the service's key is written, mode 0600; left out: no key is made. */
  readonly keyFile?: string;
  readonly dryRun?: boolean;
  /** Names of roles; default: the shipped mapping. */
  readonly mapping?: Pick<OdooMapping, 'roles'>;
  /** A new key although the one in `keyFile` works; the old one ends. */
  readonly renewKey?: boolean;
  /** Days a key is valid (Odoo 18 and later; default 365). */
  readonly keyDays?: number;
  /** Login of the service's own user (default `stripe-connector`). */
  readonly serviceLogin?: string;
  /** Where Odoo tells the connector that a button was pressed (`erpNudgeUrl`); left out: no webhook is made. */
  readonly nudgeUrl?: string;
  /** Odoo's own Stripe provider is filled in with these; left out: it is left alone. */
  readonly paymentProvider?: PaymentProvider;
  readonly print: (line: string) => void;
}
