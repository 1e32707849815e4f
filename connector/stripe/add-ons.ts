/** Add-ons over Stripe: items of a subscription, and invoice items for what is sold once. */
import type { AddOnGateway, AddOnWish, NewAddOn, OwnedAddOn } from '../billing/commands/addon-gateway.ts';
import type { Stripe } from './client.ts';
import { seconds } from './dates.ts';
import { stripeCall } from './errors.ts';
import { previewInvoice } from './invoice-preview.ts';

export function createAddOnGateway(stripe: Stripe): AddOnGateway {
  return {
    async list({ customerId, subscriptionId }) {
      const [subscription, invoiceItems] = await Promise.all([
        stripeCall(() => stripe.subscriptions.retrieve(subscriptionId)),
        stripeCall(() =>
          stripe.invoiceItems.list({ customer: customerId, limit: 100 }).autoPagingToArray({ limit: 10_000 }),
        ),
      ]);
      return [
        ...subscription.items.data.flatMap(recurring),
        ...invoiceItems.filter(({ parent }) => isOf(parent, subscriptionId)).flatMap(once),
      ];
    },
    preview: (input) =>
      previewInvoice(stripe, {
        subscription: input.subscriptionId,
        subscription_details: {
          items: [{ price: input.priceId, quantity: input.quantity }],
          proration_behavior: 'always_invoice',
          ...asOf(input),
        },
      }),
    async addRecurring(input, idempotencyKey) {
      await stripeCall(() =>
        stripe.subscriptions.update(
          input.subscriptionId,
          {
            items: [{ price: input.priceId, quantity: input.quantity, metadata: metadataOf(input) }],
            proration_behavior: 'always_invoice',
            ...asOf(input),
            // Refused as a whole when the card is (subscriptions.update, payment_behavior).
            payment_behavior: 'error_if_incomplete',
            off_session: true,
          },
          { idempotencyKey },
        ),
      );
    },
    async addOnce(input, idempotencyKey) {
      await stripeCall(() =>
        stripe.invoiceItems.create(
          {
            customer: input.customerId,
            subscription: input.subscriptionId,
            pricing: { price: input.priceId },
            quantity: input.quantity,
            metadata: metadataOf(input),
          },
          { idempotencyKey },
        ),
      );
    },
    async remove({ subscriptionId, id }, idempotencyKey) {
      await stripeCall(() =>
        stripe.subscriptions.update(
          subscriptionId,
          { items: [{ id, deleted: true }], proration_behavior: 'create_prorations' },
          { idempotencyKey },
        ),
      );
    },
  };
}

const asOf = ({ asOf: at }: AddOnWish) => (at === null ? {} : { proration_date: seconds(at) });

const metadataOf = ({ addOnKey, domain, requestId }: NewAddOn): Record<string, string> => ({
  addon_key: addOnKey,
  request_id: requestId,
  ...(domain !== null && { domain }),
});

const isOf = (parent: Stripe.InvoiceItem['parent'], subscriptionId: string): boolean =>
  parent?.subscription_details?.subscription === subscriptionId;

/** None: it is no add-on of the catalogue. */
function recurring({ id, price, quantity, metadata }: Stripe.SubscriptionItem): OwnedAddOn[] {
  const addOnKey = price.metadata.addon_key;
  if (addOnKey === undefined) return [];
  return [
    {
      id,
      addOnKey,
      sold: 'recurring',
      // Add-ons are counted, never billed by meter.
      quantity: quantity!,
      currency: price.currency,
      // Of tiers that staff gave it there is no one amount.
      unitAmount: price.unit_amount ?? 0,
      interval: price.recurring!.interval,
      domain: metadata.domain ?? null,
      requestId: metadata.request_id ?? null,
    },
  ];
}

function once({ id, metadata, amount, quantity, currency }: Stripe.InvoiceItem): OwnedAddOn[] {
  if (metadata?.addon_key === undefined) return [];
  return [
    {
      id,
      addOnKey: metadata.addon_key,
      sold: 'once',
      quantity,
      currency,
      unitAmount: Math.round(amount / Math.max(quantity, 1)),
      interval: null,
      domain: metadata.domain ?? null,
      requestId: metadata.request_id ?? null,
    },
  ];
}
