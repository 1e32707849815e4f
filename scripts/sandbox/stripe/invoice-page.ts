/** The hosted invoice page. https://docs.stripe.com/invoicing/hosted-invoice-page */
import { attachCard } from './cards.ts';
import type { Core } from './core.ts';
import { faultOr, StripeFault } from './errors.ts';
import type { FormObject } from './form-body.ts';
import { escapeHtml, layout, messagePage, money, type Page } from './html.ts';
import { payInvoice } from './invoices.ts';
import { customerOf } from './lookup.ts';

/** @param form given: the customer pays */
export function invoicePage(core: Core, id: string, form: FormObject | undefined): Page {
  const invoice = core.tables.invoices.get(id);
  if (!invoice?.number) return messagePage(404, 'Not found', 'There is no such invoice.');
  let error = '';
  if (form && invoice.status === 'open') {
    const result = faultOr(() =>
      core.byHand(() => {
        const method = attachCard(core, customerOf(core, invoice.customer ?? ''), String(form.card ?? ''));
        return payInvoice(core, invoice, { payment_method: method.id }, true);
      }),
    );
    if (!(result instanceof StripeFault)) return { status: 303, location: `/i/acct_sandbox/${id}` };
    error = `<p role="alert">${escapeHtml(result.message)}</p>`;
  }
  const rows = invoice.lines.data.map(
    (line) =>
      `<tr><td>${escapeHtml(line.description ?? '')}</td><td>${money(line.amount, line.currency)}</td></tr>`,
  );
  const pay =
    invoice.status === 'open'
      ? '<form method="post"><label>Card number <input name="card" inputmode="numeric" required placeholder="4242 4242 4242 4242"></label><button>Pay</button></form>'
      : `<p>${escapeHtml(invoice.status ?? '')}</p>`;
  const total = money(invoice.total, invoice.currency);
  return {
    status: error ? 402 : 200,
    html: layout(
      `Invoice ${invoice.number}`,
      `<h1>Invoice ${escapeHtml(invoice.number)}</h1>${error}<table>${rows.join('')}<tr class="total"><td>Total</td><td>${total}</td></tr></table>${pay}`,
    ),
  };
}
