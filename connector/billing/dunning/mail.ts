/** What a mail about unpaid money says. Its fact is the step: one step, one mail, whatever is repeated. */
import type { InvoiceFact } from '../facts.ts';
import type { Case, DueStep } from './due.ts';
import type { DunningMail } from './ports.ts';

export function dunningMail(input: {
  step: Pick<DueStep, 'about' | 'step'>;
  about: Case;
  invoice: InvoiceFact;
  template: string;
}): DunningMail {
  const { step, about, invoice, template } = input;
  return {
    fact: `dunning_${step.about}_${step.step}`,
    to: { name: about.contactName, email: about.contactEmail },
    template,
    locale: about.locale,
    data: {
      name: about.contactName,
      organisation: about.organisation,
      project: about.project ?? about.organisation,
      // Minor units as Stripe counts them; what is still to pay, or was paid.
      amount: invoice.status === 'paid' ? invoice.amountPaid : invoice.amountDue,
      currency: invoice.currency,
      paid: invoice.status === 'paid',
      invoiceNumber: invoice.number,
      invoiceUrl: invoice.hostedInvoiceUrl,
      nextAttempt: invoice.nextPaymentAttempt?.toISOString() ?? null,
      card: about.last4 === null ? null : `${capital(about.brand ?? '')} ···· ${about.last4}`.trim(),
      suspendsOn: about.suspendsAt?.toISOString() ?? null,
      wasSuspended: about.everSuspended && !about.heldElsewhere,
      heldElsewhere: about.heldElsewhere,
    },
  };
}

/** Stripe writes brands small: visa, mastercard. */
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
