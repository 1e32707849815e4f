/** What waits for the next invoice, which takes it. https://docs.stripe.com/billing/invoices/subscription#adding-upcoming-invoice-items */
import type { Core } from './core.ts';
import type { InvoiceLine } from './plain.ts';

export function takePending(core: Core, subscriptionId: string): InvoiceLine[] {
  const lines = pendingLines(core, subscriptionId);
  for (const { id } of waiting(core, subscriptionId)) core.tables.pendingItems.delete(id);
  return lines;
}

export function pendingLines(core: Core, subscriptionId: string): InvoiceLine[] {
  return waiting(core, subscriptionId).map(({ line }) => line);
}

export function keepPending(core: Core, subscriptionId: string, lines: readonly InvoiceLine[]): void {
  for (const line of lines)
    core.tables.pendingItems.put(line.id, { id: line.id, subscription: subscriptionId, line });
}

const waiting = (core: Core, subscriptionId: string) =>
  core.tables.pendingItems.all().filter((item) => item.subscription === subscriptionId);
