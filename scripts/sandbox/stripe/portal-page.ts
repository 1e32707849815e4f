/** The customer portal's page: subscriptions, a new card, cancelling. https://docs.stripe.com/customer-management */
import { attachCard } from './cards.ts';
import type { Core } from './core.ts';
import { faultOr, StripeFault } from './errors.ts';
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
${mine.map((one) => subscriptionForm(core, one)).join('')}
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

function act(core: Core, session: PortalSession, form: FormObject): StripeFault | undefined {
  const result = faultOr(() =>
    core.byHand(() => {
      if (typeof form.card === 'string') saveCard(core, session, form.card);
      const subscription = core.tables.subscriptions.get(String(form.subscription ?? ''));
      if (subscription?.customer !== session.customer || subscription.ended_at) return;
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
