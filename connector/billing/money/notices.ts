/** What waiting events say about refunds, disputes and credit notes: read anew at the provider, written with the sync. */
import type { Database, Tx } from '../../db/database.ts';
import type { AfterCommit, OnTransition } from '../transitions.ts';
import { recordCreditNote } from './credit-notes.ts';
import { recordDispute } from './disputes.ts';
import type { MoneyReads } from './money-facts.ts';
import { invoicesOf, paidFor } from './paid-for.ts';
import { recordRefund } from './refunds.ts';

export interface NamedMoney {
  readonly charges: readonly string[];
  readonly creditedInvoices: readonly string[];
}

export interface MoneyNotices {
  /** Invoices the sync must look at as well, whatever their age. */
  readonly invoiceIds: readonly string[];
  readonly write: (tx: Tx) => Promise<readonly AfterCommit[]>;
}

export type ReadNotices = (customerId: string, named: NamedMoney) => Promise<MoneyNotices>;

export function createNotices(deps: {
  db: Database;
  reads: MoneyReads;
  onTransition: OnTransition;
}): ReadNotices {
  const { reads, onTransition } = deps;
  return async (customerId, { charges, creditedInvoices }) => {
    const [refunds, disputes, notes] = await Promise.all([
      all(charges, (charge) => reads.refunds(charge)),
      all(charges, (charge) => reads.disputes(charge)),
      all(creditedInvoices, (invoice) => reads.creditNotes(invoice)),
    ]);
    const invoices = await findInvoices(
      deps,
      [...refunds, ...disputes].map(({ paymentIntent }) => paymentIntent),
    );
    const invoiceOf = (intent: string | null) => (intent === null ? null : (invoices.get(intent) ?? null));
    return {
      invoiceIds: [...invoices.values()],
      async write(tx) {
        const wakes: AfterCommit[] = [];
        for (const refund of refunds) {
          const paid = await paidFor(tx, { customerId, invoiceId: invoiceOf(refund.paymentIntent) });
          wakes.push(...(await recordRefund(tx, { customerId, refund, paidFor: paid, onTransition })));
        }
        for (const dispute of disputes) {
          const paid = await paidFor(tx, { customerId, invoiceId: invoiceOf(dispute.paymentIntent) });
          wakes.push(...(await recordDispute(tx, { customerId, dispute, paidFor: paid, onTransition })));
        }
        for (const note of notes) await recordCreditNote(tx, { customerId, note });
        return wakes;
      },
    };
  };
}

/** From our mirror, else asked: a payment may be older than what we hold. */
async function findInvoices(
  { db, reads }: { db: Database; reads: MoneyReads },
  paymentIntents: readonly (string | null)[],
): Promise<ReadonlyMap<string, string>> {
  const intents = [...new Set(paymentIntents.filter((intent) => intent !== null))];
  if (intents.length === 0) return new Map();
  const found = new Map(await invoicesOf(db, intents));
  for (const intent of intents) {
    if (found.has(intent)) continue;
    const invoice = await reads.invoiceOfPayment(intent);
    if (invoice !== null) found.set(intent, invoice);
  }
  return found;
}

async function all<T>(
  of: readonly string[],
  read: (one: string) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  return (await Promise.all(of.map(read))).flat();
}
