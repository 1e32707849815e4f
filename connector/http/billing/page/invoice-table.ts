/** An invoice as it would be, line by line to what is charged: before a change of plan, before an add-on. */
import type { InvoicePreview } from '../../../billing/commands/subscription-gateway.ts';
import { type Html, html } from '../../html.ts';
import { exactMoney } from '../../money.ts';
import { BILLING_TEXTS } from './texts.ts';
import type { BillingView } from './view.ts';

/** Taxes that prices include are part of the lines already. */
export function invoiceTable({ language }: Pick<BillingView, 'language'>, invoice: InvoicePreview): Html {
  const { change: texts } = BILLING_TEXTS[language];
  const amount = (minor: number) => exactMoney(minor, invoice.currency, language);
  const tax = invoice.taxes.filter((each) => !each.inclusive).reduce((sum, each) => sum + each.amount, 0);
  return html`<table class="lines"><tbody>${invoice.lines.map(
    (line) => html`<tr><th scope="row">${line.description}</th><td>${amount(line.amount)}</td></tr>`,
  )}${invoice.discount !== 0 && html`<tr><th scope="row">${texts.discount}</th><td>${amount(-invoice.discount)}</td></tr>`}${tax !== 0 && html`<tr><th scope="row">${texts.tax}</th><td>${amount(tax)}</td></tr>`}
<tr><th scope="row">${texts.total}</th><td>${amount(invoice.total)}</td></tr>
<tr><th scope="row">${texts.now}</th><td><strong id="amount-due" data-amount="${invoice.amountDue}">${amount(invoice.amountDue)}</strong></td></tr></tbody></table>`;
}
