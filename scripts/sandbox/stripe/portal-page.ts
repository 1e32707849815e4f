/** The customer portal's page: subscriptions, another plan where the configuration offers it, a new card, cancelling. https://docs.stripe.com/customer-management */
import { attachCard } from './cards.ts';
import type { Core } from './core.ts';
import { faultOr, invalid, StripeFault } from './errors.ts';
import type { FormObject } from './form-body.ts';
import { escapeHtml, layout, messagePage, type Page } from './html.ts';
import { customerOf } from './lookup.ts';
import type { PortalSession, Subscription } from './plain.ts';
import { updateSubscription } from './subscription-update.ts';
import { update } from './update.ts';

export function portalPage(core: Core, id: string, form: FormObject | undefined): Page {
  const session = core.tables.portalSessions.get(id);
  if (!session) return messagePage(404, 'Not found', 'There is no such portal session.');
  const fault = form && act(core, session, form);
  const mine = core.tables.subscriptions
    .all()
    .filter((one) => one.customer === session.customer && !one.ended_at);
  const name = core.tables.customers.get(session.customer)?.name ?? '';
  const back = session.return_url ? `<p><a href="${escapeHtml(session.return_url)}">Return</a></p>` : '';
  const body = `<h1>Billing of ${escapeHtml(name)}</h1>${fault ? `<p role="alert">${escapeHtml(fault.message)}</p>` : ''}
${mine.map((one) => subscriptionForm(core, one) + planForm(core, session, one)).join('')}
<h2>Payment method</h2><form method="post"><label>Card number <input name="card" inputmode="numeric" required></label><button>Save card</button></form>${back}`;
  return { status: fault ? fault.status : 200, html: layout('Billing', body) };
}

function subscriptionForm(core: Core, subscription: Subscription): string {
  const names = subscription.items.data.map(
    (item) => core.tables.products.get(item.price.product)?.name ?? '',
  );
  const [action, label] = subscription.cancel_at_period_end
    ? ['renew', 'Do not cancel']
    : ['cancel', 'Cancel at period end'];
  return `<h2>${escapeHtml(names.join(', '))}</h2><p>${escapeHtml(subscription.status)}</p><form method="post"><input type="hidden" name="subscription" value="${escapeHtml(subscription.id)}"><button class="quiet" name="action" value="${action}">${label}</button></form>`;
}

/** Prices the configuration offers. https://docs.stripe.com/customer-management/configure-portal#subscription-management */
function offered(core: Core, session: PortalSession) {
  const { subscription_update: feature } = core.tables.portalConfigurations.get(
    session.configuration,
  )!.features;
  const products = feature.enabled ? (feature.products ?? []) : [];
  const ids = products.flatMap(({ prices }) => prices);
  const prices = ids.flatMap((id) => core.tables.prices.get(id) ?? []);
  return { feature, prices };
}

function planForm(core: Core, session: PortalSession, subscription: Subscription): string {
  const { prices } = offered(core, session);
  if (prices.length === 0) return '';
  const options = prices.map((price) => {
    const name = core.tables.products.get(price.product)?.name ?? price.product;
    const text = `${name}, ${price.unit_amount} ${price.currency} a ${price.recurring?.interval}`;
    return `<option value="${escapeHtml(price.id)}">${escapeHtml(text)}</option>`;
  });
  return `<form method="post"><input type="hidden" name="subscription" value="${escapeHtml(subscription.id)}"><label>Plan <select name="price">${options.join('')}</select></label><button class="quiet" name="action" value="change">Change plan</button></form>`;
}

/** By the configuration's own proration; the first item is the plan. */
function changePlan(core: Core, session: PortalSession, subscription: Subscription, priceId: string): void {
  const { feature, prices } = offered(core, session);
  const price = prices.find(({ id }) => id === priceId);
  if (price === undefined) throw invalid('This price is not offered.', { param: 'price' });
  updateSubscription(core, subscription, {
    items: [{ id: subscription.items.data[0]!.id, price: price.id }],
    proration_behavior: feature.proration_behavior,
    payment_behavior: 'pending_if_incomplete',
  });
}

function act(core: Core, session: PortalSession, form: FormObject): StripeFault | undefined {
  const result = faultOr(() =>
    core.byHand(() => {
      if (typeof form.card === 'string') saveCard(core, session, form.card);
      const subscription = core.tables.subscriptions.get(String(form.subscription ?? ''));
      if (subscription?.customer !== session.customer || subscription.ended_at) return;
      if (form.action === 'change') changePlan(core, session, subscription, String(form.price));
      else if (form.action)
        updateSubscription(core, subscription, { cancel_at_period_end: form.action === 'cancel' });
    }),
  );
  return result instanceof StripeFault ? result : undefined;
}

function saveCard(core: Core, session: PortalSession, card: string): void {
  const customer = customerOf(core, session.customer);
  const method = attachCard(core, customer, card);
  update(core, core.tables.customers, 'customer.updated', customer, {
    invoice_settings: { ...customer.invoice_settings, default_payment_method: method.id },
  });
  for (const subscription of core.tables.subscriptions.all()) {
    if (subscription.customer !== customer.id || subscription.ended_at) continue;
    update(core, core.tables.subscriptions, 'customer.subscription.updated', subscription, {
      default_payment_method: method.id,
    });
  }
}
