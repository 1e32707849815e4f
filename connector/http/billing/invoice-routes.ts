/** A customer has an open invoice tried again, with the card on file. */
import { customerOf } from '../../billing/account/organisation.ts';
import { payInvoice } from '../../billing/commands/pay-invoice.ts';
import type { BillingRoute } from './route.ts';
import { INPUT, record } from './schemas.ts';

const TEXT = { type: 'string' };

export const invoiceRoutes: readonly BillingRoute[] = [
  {
    method: 'post',
    path: '/invoices/{id}/pay',
    operationId: 'payInvoice',
    summary: 'Try the payment of an open invoice again, with the means of payment on file',
    params: { id: INPUT.invoice_id },
    answers: {
      200: {
        description: 'The invoice’s status now; open: the money is on its way',
        schema: record({ provider_id: TEXT, status: TEXT }),
      },
    },
    problems: ['invoice_not_found', 'invoice_not_open', 'payment_declined', 'payment_action_required'],
    async handle({ commands }, { organisation, params }) {
      const invoiceId = params.id!;
      const { status } = await payInvoice(commands, { invoiceId, customerId: customerOf(organisation) });
      return { status: 200, body: { provider_id: invoiceId, status } };
    },
  },
];
