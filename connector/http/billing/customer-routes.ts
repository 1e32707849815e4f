/** The organisation as the payment provider has it, and the provider's own page for means of payment. */

import { noCustomer } from '../../billing/account/errors.ts';
import type { BillingAddress, CustomerChange, TaxId } from '../../billing/account/gateway.ts';
import { customerOf } from '../../billing/account/organisation.ts';
import { customerBody } from './bodies.ts';
import { type BillingDeps, type BillingRoute, bodyOf, type Call } from './route.ts';
import { INPUT, record, refTo } from './schemas.ts';

const orNull = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });
const CUSTOMER = { 200: { description: 'As the payment provider has it now', schema: refTo('Customer') } };

interface Body {
  readonly name?: string;
  readonly email?: string;
  readonly address?: Partial<BillingAddress>;
  readonly tax_id?: TaxId | null;
}

export const customerRoutes: readonly BillingRoute[] = [
  {
    method: 'get',
    path: '/customer',
    operationId: 'getCustomer',
    summary: 'Who is billed, and how they pay',
    answers: CUSTOMER,
    problems: ['no_billing_customer'],
    handle: (deps, call) => customerAnswer(deps, call),
  },
  {
    method: 'patch',
    path: '/customer',
    operationId: 'changeCustomer',
    summary: 'Change what stands on invoices; what is left out stays',
    body: bodyOf({
      name: INPUT.name,
      email: {
        ...INPUT.email,
        description: 'Where invoices go; access links go to the contact nevertheless.',
      },
      address: bodyOf({
        line1: orNull(INPUT.text(200)),
        line2: orNull(INPUT.text(200)),
        postal_code: orNull(INPUT.text(20)),
        city: orNull(INPUT.text(100)),
        state: orNull(INPUT.text(100)),
        country: INPUT.country,
      }),
      tax_id: {
        description: 'Replaces all there are; null takes them away.',
        anyOf: [
          bodyOf(
            {
              type: { type: 'string', pattern: '^[a-z]{2}_[a-z]{2,12}$', 'x-code': 'tax_id' },
              value: { type: 'string', pattern: '^[A-Za-z0-9 ./\\-]{3,40}$', 'x-code': 'tax_id' },
            },
            ['type', 'value'],
          ),
          { type: 'null' },
        ],
      },
    }),
    answers: CUSTOMER,
    problems: ['no_billing_customer', 'tax_id_invalid'],
    async handle(deps, call) {
      const customerId = customerOf(call.organisation);
      const { tax_id, ...rest } = call.body as Body;
      const change: CustomerChange = { ...rest, ...(tax_id !== undefined && { taxId: tax_id }) };
      await deps.account.changeCustomer(customerId, change);
      await deps.commands.syncNow(customerId);
      return customerAnswer(deps, call);
    },
  },
  {
    method: 'delete',
    path: '/customer',
    operationId: 'eraseCustomer',
    summary: 'Erase the organisation and its people everywhere, once no subscription lives',
    answers: {
      200: { description: 'What was erased, and what the law keeps', schema: refTo('Erasure') },
      202: { description: 'What is erased so far; the rest goes on by itself', schema: refTo('Erasure') },
    },
    problems: ['subscription_alive', 'legal_hold', 'erasure_under_way', 'run_under_way'],
    async handle(deps, { organisation }) {
      const { finished, entries } = await deps.eraseOrganisation(organisation.id);
      return { status: finished ? 200 : 202, body: { finished, entries } };
    },
  },
  {
    method: 'post',
    path: '/portal',
    operationId: 'openPortal',
    summary: 'An address of the provider’s own page: means of payment, invoices',
    body: bodyOf({
      flow: { enum: ['overview', 'payment_method'], 'x-code': 'flow', description: 'Default overview.' },
    }),
    answers: {
      201: {
        description: 'Send the browser there; it works for a few minutes and leads back to /billing',
        schema: record({ url: { type: 'string' } }),
      },
    },
    problems: ['no_billing_customer'],
    handle: async (deps, call) => ({
      status: 201,
      body: await deps.account.portal({
        customerId: customerOf(call.organisation),
        returnUrl: `${deps.publicUrl}/billing`,
        locale: call.organisation.locale,
        paymentMethodOnly: call.body.flow === 'payment_method',
      }),
    }),
  },
];

async function customerAnswer({ account }: BillingDeps, { organisation }: Call) {
  const customer = await account.customer(customerOf(organisation));
  if (customer === null) throw noCustomer();
  return { status: 200, body: customerBody(organisation, customer) };
}
