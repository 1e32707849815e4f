/** The story a salesperson reads in the opportunity's chatter once the customer lives.  */
import { html } from '../../crm/html.ts';
import { formatMoney } from '../../stripe-money.ts';
import type { StepContext } from '../step.ts';

/** @returns HTML */
export function storyOf({ sale, result }: StepContext): string {
  const { refused } = result('partner');
  const people = result('users').users.filter((user) => user.userId !== null).length;
  const { firstInvoice } = sale;
  const invoice = firstInvoice.number ?? firstInvoice.providerId;
  const lines = [
    `Plan: ${sale.planName} (${sale.subscription.billingInterval ?? 'custom'})`,
    `Paid: ${formatMoney(firstInvoice.amountPaid, firstInvoice.currency, { locale: 'en' })}, invoice ${invoice}`,
    `Project: ${sale.project.code} ${sale.project.name}`,
    `Workspace: ${result('workspace').folders.length} folders (${result('workspace').driver})`,
    `Storage: ${result('bucket').bucketName}${result('bucket').prefix === '' ? '' : `/${result('bucket').prefix}`}`,
    `Users: ${people} of ${sale.stakeholders.length}`,
    `Stripe subscription: ${sale.subscription.providerId}`,
    ...(result('opportunity').amountLeftOut
      ? [`Expected revenue left out: the ERP keeps no rate for ${firstInvoice.currency.toUpperCase()}`]
      : []),
    ...refused.map((field) => `Left out: ${field.field} (${field.reason})`),
    ...(sale.organisation.looksLikeDuplicateOf === null
      ? []
      : ['This organisation looks like one you already have.']),
  ];
  return `${html`<p><b>${sale.organisation.name}: provisioned</b></p>`}${listOf(lines)}`;
}

/** @returns HTML, one item a line */
export function listOf(lines: readonly string[]): string {
  return `<ul>${lines.map((line) => html`<li>${line}</li>`).join('')}</ul>`;
}
