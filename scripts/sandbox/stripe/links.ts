/** Links between objects that older API versions still show and newer ones keep as objects of their own. */
import type { Core } from './core.ts';
import { intentOf } from './payments.ts';
import type { PaymentIntent, Price } from './plain.ts';

export interface Links {
  intentOfInvoice(invoiceId: string): PaymentIntent | undefined;
  invoiceOfIntent(intentId: string): string | null;
  price(id: string): Price | undefined;
}

export function createLinks(core: Core): Links {
  return {
    intentOfInvoice(id) {
      const invoice = core.tables.invoices.get(id);
      return invoice && intentOf(core, invoice);
    },
    invoiceOfIntent: (id) =>
      core.tables.invoicePayments.all().find((one) => one.payment.payment_intent === id)?.invoice ?? null,
    price: (id) => core.tables.prices.get(id),
  };
}
