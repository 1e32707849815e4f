/** The card form, hosted and embedded: real HTML that works without scripts. */
import { enterCode } from './checkout-discount.ts';
import { lineItemsOf } from './checkout-lines.ts';
import { payCheckout } from './checkout-pay.ts';
import type { Core } from './core.ts';
import { faultOr, StripeFault } from './errors.ts';
import type { FormObject } from './form-body.ts';
import { escapeHtml, layout, messagePage, money, type Page } from './html.ts';
import type { Session } from './plain.ts';

const CODE_FORM = `<form method="post"><label>Promotion code <input name="promotion_code" autocomplete="off"></label>
<button type="submit">Apply</button></form>
`;

export interface View {
  readonly core: Core;
  readonly sessionId: string;
  readonly embedded: boolean;
  /** The part of the client secret after `_secret_`. */
  readonly secret?: string;
}

export function checkoutPage(view: View, error?: string): Page {
  const { core, sessionId } = view;
  const session = core.tables.sessions.get(sessionId);
  if (!session || (view.embedded && session.status === 'open' && !isSecret(session, view.secret))) {
    return messagePage(404, 'Not found', 'There is no such checkout.');
  }
  if (session.status === 'complete') return finished(view, session);
  if (session.status === 'expired') {
    return messagePage(
      410,
      'Expired',
      'This checkout is no longer open. Return to the shop and start again.',
    );
  }
  const rows = lineItemsOf(core, session).map(
    (line) =>
      `<tr><td>${line.quantity} × ${escapeHtml(line.description ?? '')}${intervalOf(line.price)}</td><td>${money(line.amount_total, line.currency)}</td></tr>`,
  );
  const email = session.customer
    ? (core.tables.customers.get(session.customer)?.email ?? '')
    : (session.customer_email ?? '');
  const cancel =
    session.cancel_url && !view.embedded
      ? `<p><a href="${escapeHtml(session.cancel_url)}">Cancel and go back</a></p>`
      : '';
  const off = session.total_details?.amount_discount ?? 0;
  const body = `<h1>Pay ${money(session.amount_total ?? 0, session.currency ?? 'usd')}</h1>
${error ? `<p role="alert">${escapeHtml(error)}</p>` : ''}
<table>${rows.join('')}${off > 0 ? `<tr><td>Discount</td><td>−${money(off, session.currency ?? 'usd')}</td></tr>` : ''}<tr class="total"><td>Due today</td><td>${money(session.amount_total ?? 0, session.currency ?? 'usd')}</td></tr></table>
${session.allow_promotion_codes ? CODE_FORM : ''}<form method="post">
<label>E-mail <input name="email" type="email" autocomplete="email" required value="${escapeHtml(email)}"${session.customer ? ' readonly' : ''}></label>
<label>Card number <input name="card" inputmode="numeric" autocomplete="cc-number" required placeholder="4242 4242 4242 4242"></label>
<div class="row"><label>Expiry <input name="expiry" autocomplete="cc-exp" required placeholder="12 / 34"></label>
<label>CVC <input name="cvc" inputmode="numeric" autocomplete="cc-csc" required placeholder="123"></label></div>
<label>Name on card <input name="name" autocomplete="cc-name" required></label>
<button type="submit">Pay and subscribe</button></form>
<p>Test card: 4242 4242 4242 4242, any date ahead, any CVC. Nothing is charged.</p>${cancel}`;
  return { status: error ? 402 : 200, html: layout('Checkout', body, frameScript(view)) };
}

export function payFromPage(view: View, form: FormObject): Page {
  const { core, sessionId } = view;
  const session = core.tables.sessions.get(sessionId);
  if (!session || (view.embedded && session.status === 'open' && !isSecret(session, view.secret))) {
    return messagePage(404, 'Not found', 'There is no such checkout.');
  }
  const text = (name: string) => (typeof form[name] === 'string' ? form[name].trim() : '');
  if (session !== undefined && text('promotion_code') !== '') {
    const applied = faultOr(() => enterCode(core, session, text('promotion_code')));
    return checkoutPage(view, applied instanceof StripeFault ? applied.message : undefined);
  }
  if (!/^\d{2}\s*\/?\s*\d{2,4}$/.test(text('expiry')))
    return checkoutPage(view, 'The expiry date is incomplete.');
  if (!/^\d{3,4}$/.test(text('cvc'))) return checkoutPage(view, "The card's security code is incomplete.");
  const answer = text('authenticate');
  const payment = {
    card: text('card'),
    email: text('email'),
    name: text('name'),
    ...(answer !== '' && { authenticated: answer === 'yes' }),
  };
  const result = faultOr(() => core.byHand(() => payCheckout(core, sessionId, payment)));
  if (result instanceof StripeFault) return checkoutPage(view, result.message);
  if (result.status === 'requires_action') return authenticationPage(view, form);
  return finished(view, result.session);
}

/** 3D Secure: the bank asks; the form goes back as it came, with the answer. */
function authenticationPage(view: View, form: FormObject): Page {
  const fields = Object.entries(form)
    .filter(([name, value]) => name !== 'authenticate' && typeof value === 'string')
    .map(
      ([name, value]) =>
        `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(String(value))}">`,
    );
  const body = `<h1>3D Secure</h1><p>Your bank asks you to confirm this payment.</p>
<form method="post">${fields.join('')}<button name="authenticate" value="yes">Complete authentication</button>
<button class="quiet" name="authenticate" value="no">Fail authentication</button></form>`;
  return { status: 200, html: layout('3D Secure', body, frameScript(view)) };
}

function finished(view: View, session: Session): Page {
  const target = (session.success_url ?? session.return_url ?? '').replaceAll(
    '{CHECKOUT_SESSION_ID}',
    session.id,
  );
  if (!view.embedded && target !== '') return { status: 303, location: target };
  // In the frame a script tells the page around it; without scripts the link does.
  const stays = session.redirect_on_completion === 'never' || target === '';
  const link = stays ? '' : `<p><a target="_top" href="${escapeHtml(target)}">Continue</a></p>`;
  const body = `<h1>Paid</h1><p data-complete="${escapeHtml(session.id)}" data-target="${stays ? '' : escapeHtml(target)}">Thank you.</p>${link}`;
  return { status: 200, html: layout('Paid', body, frameScript(view)) };
}

function frameScript({ embedded }: View): string {
  return embedded ? '<script src="/assets/checkout-frame.js" defer></script>' : '';
}

function isSecret(session: Session, secret: string | undefined): boolean {
  return session.client_secret === `${session.id}_secret_${secret}`;
}

function intervalOf(price: { recurring: { interval: string } | null } | null): string {
  return price?.recurring ? ` (every ${price.recurring.interval})` : '';
}
