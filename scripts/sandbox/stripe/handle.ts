/** What tests and the demo do in the sandbox as a person would: pay, let a payment fail, look at what there is. */
import type { Api } from './api.ts';
import { attachCard, BANK_DEBIT } from './cards.ts';
import { payCheckout, settleCheckout } from './checkout-pay.ts';
import { API_VERSION, type Core, WEBHOOK_SECRET } from './core.ts';
import { createDashboardSubscription } from './dashboard.ts';
import type { Deliveries } from './deliveries.ts';
import { appealDispute, closeDispute, escalateDispute, openDispute } from './disputes.ts';
import type { StripeSandbox } from './handle-types.ts';
import { payInvoice } from './invoices.ts';
import { createLinks } from './links.ts';
import { customerOf, invoiceOf, sessionOf, subscriptionOf } from './lookup.ts';
import { renderEvent } from './old-shape.ts';
import { failRefund } from './refunds.ts';
import { cancelSubscription } from './subscription-cancel.ts';
import { update } from './update.ts';
import { createEndpoint } from './webhook-endpoints.ts';

const ENDPOINT_ID = 'we_sandbox';
const GOOD_CARD = '4242424242424242';

export function createHandle(deps: { core: Core; deliveries: Deliveries; api: Api }): StripeSandbox {
  const { core, deliveries, api } = deps;
  const { tables, settings } = core;
  return {
    settings,
    setWebhook(url, secret = WEBHOOK_SECRET, options = {}) {
      createEndpoint(core, {
        id: ENDPOINT_ID,
        url,
        events: options.events ?? ['*'],
        apiVersion: options.apiVersion ?? API_VERSION,
        secrets: secret.split(','),
        metadata: {},
        description: null,
      });
    },
    payCheckout: (id, payment = {}) =>
      core.byHand(() => payCheckout(core, id, { card: GOOD_CARD, ...payment })),
    payCheckoutLater: (id) =>
      core.byHand(() => {
        payCheckout(core, id, { card: BANK_DEBIT });
        return sessionOf(core, id);
      }),
    settleCheckout: (id, outcome) => core.byHand(() => settleCheckout(core, id, outcome)),
    createDashboardSubscription: (input) => core.byHand(() => createDashboardSubscription(core, input)),
    payInvoice: (id, { card = GOOD_CARD } = {}) =>
      core.byHand(() => {
        const invoice = invoiceOf(core, id);
        const method = attachCard(core, customerOf(core, invoice.customer ?? ''), card);
        return payInvoice(core, invoice, { payment_method: method.id }, true);
      }),
    replaceCard: (id, card) =>
      core.byHand(() => {
        const subscription = subscriptionOf(core, id);
        const method = attachCard(core, customerOf(core, subscription.customer ?? ''), card);
        update(core, tables.subscriptions, 'customer.subscription.updated', subscription, {
          default_payment_method: method.id,
        });
      }),
    openDispute: (chargeId, reason = 'fraudulent') =>
      core.byHand(() => openDispute(core, tables.charges.get(chargeId)!, reason)),
    openInquiry: (chargeId) =>
      core.byHand(() => openDispute(core, tables.charges.get(chargeId)!, 'fraudulent', true)),
    escalateDispute: (id) => core.byHand(() => escalateDispute(core, tables.disputes.get(id)!)),
    appealDispute: (id) => core.byHand(() => appealDispute(core, tables.disputes.get(id)!)),
    closeDispute: (id, status) => core.byHand(() => closeDispute(core, tables.disputes.get(id)!, status)),
    failRefund: (id) => core.byHand(() => failRefund(core, tables.refunds.get(id)!)),
    charges: () => tables.charges.all(),
    disputes: () => tables.disputes.all(),
    cancelSubscription: (id) =>
      core.byHand(() => cancelSubscription(core, subscriptionOf(core, id), 'cancellation_requested')),
    customers: () => tables.customers.all(),
    products: () => tables.products.all(),
    prices: () => tables.prices.all(),
    sessions: () => tables.sessions.all(),
    subscriptions: () => tables.subscriptions.all(),
    invoices: () => tables.invoices.all(),
    events: () => tables.events.all(),
    oldShape: (event, apiVersion = '2024-06-20') => renderEvent(event, apiVersion, createLinks(core)),
    redeliver: (id) => deliveries.redeliver(tables.events.get(id)!),
    holdDeliveries: deliveries.hold,
    heldDeliveries: deliveries.held,
    releaseDeliveries: deliveries.release,
    deliveriesIdle: deliveries.idle,
    deliveries: () => tables.deliveries.all(),
    limitReadsPerSecond(limit) {
      // null comes from a JSON caller.
      settings.readsPerSecond = limit ?? undefined;
    },
    failNext: api.failNext,
  };
}
