/** GET /orders/<token>: where Stripe returns the customer, and the live timeline of what is being set up. */
import { type Request, Router } from 'express';
import { orderNotFound } from '../billing/checkout-errors.ts';
import type { OrderPayment } from '../billing/checkout-gateway.ts';
import { findOrder, type Order } from '../billing/orders.ts';
import type { Database } from '../db/database.ts';
import type { Log } from '../log.ts';
import type { Timeline } from '../provisioning/timeline.ts';
import { askRarely } from './ask-rarely.ts';
import { errorPage } from './error-page.ts';
import type { Language } from './field-texts.ts';
import { html } from './html.ts';
import { ORDER_TEXTS, type OrderState, STATUS_TEXTS } from './order-texts.ts';
import { languageOf, page } from './page.ts';
import { rateLimit } from './rate-limit.ts';
import { stepTitle } from './step-titles.ts';

export interface OrderPageDeps {
  readonly db: Database;
  readonly log: Log;
  readonly now: () => Date;
  readonly site: string;
  readonly timeline: (orderId: number) => Promise<Timeline | null>;
  /** Where the payment of an order stands that is not paid yet: asked, rarely, as the webhook may be late. */
  readonly payment: (orderId: number) => Promise<OrderPayment>;
}

interface View {
  readonly state: OrderState;
  readonly steps: Timeline['steps'];
  /** Nothing will change any more. */
  readonly final: boolean;
  /** Where the customer pays; null: there is nothing to pay now. */
  readonly payUrl: string | null;
}

export function orderRouter(given: OrderPageDeps): Router {
  const deps = {
    ...given,
    payment: askRarely<OrderPayment>(given, given.payment, { state: 'none', payUrl: null }),
  };
  const router = Router();
  // A page polls every 1.5 s; several may be open behind one address.
  const limit = rateLimit(300, deps.site);
  router.get('/orders/:token', limit, async (req, res) => {
    const language = languageOf(req);
    const order = await orderOf(deps, req);
    if (order === undefined) return errorPage(res, { status: 404, site: deps.site, language });
    const view = await viewOf(deps, order);
    res.type('html').send(render(deps.site, `/orders/${req.params.token}/timeline.json`, view, language));
  });
  router.get('/orders/:token/timeline.json', limit, async (req, res) => {
    const order = await orderOf(deps, req);
    if (order === undefined) throw orderNotFound();
    const language = languageOf(req);
    const texts = ORDER_TEXTS[language];
    const { state, steps, final, payUrl } = await viewOf(deps, order);
    res.json({
      state,
      state_text: texts.states[state].label,
      message: texts.states[state].message,
      final,
      pay_url: payUrl,
      steps: steps.map((step) => ({
        ...step,
        title: stepTitle(step, language),
        status_text: STATUS_TEXTS[language][step.status],
      })),
    });
  });
  return router;
}

async function orderOf(deps: OrderPageDeps, req: Request): Promise<Order | undefined> {
  const token = String(req.params.token);
  return /^[\w-]{43}$/.test(token) ? findOrder(deps.db, token, deps.now()) : undefined;
}

async function viewOf(deps: OrderPageDeps, order: Order): Promise<View> {
  const timeline = await deps.timeline(order.id);
  const steps = timeline?.steps ?? [];
  if (order.state !== 'paid' && (timeline?.runStatus ?? null) === null) {
    return unpaidView(await deps.payment(order.id), steps);
  }
  switch (timeline?.runStatus) {
    case 'done':
      return { state: 'done', steps, final: true, payUrl: null };
    case 'superseded':
      return { state: 'ended', steps, final: true, payUrl: null };
    case 'needs_attention':
      return { state: 'attention', steps, final: false, payUrl: null };
    default:
      return { state: 'working', steps, final: false, payUrl: null };
  }
}

function unpaidView(payment: OrderPayment, steps: View['steps']): View {
  switch (payment.state) {
    case 'confirming':
      return { state: 'confirming', steps, final: false, payUrl: null };
    case 'on_its_way':
      return { state: 'on_its_way', steps: [], final: false, payUrl: null };
    case 'failed':
      return { state: 'payment_failed', steps: [], final: false, payUrl: payment.payUrl };
    default:
      // Begun at Stripe's own page, by another front end perhaps: there it goes on. The wizard knows its own draft by cookie.
      return { state: 'unpaid', steps: [], final: false, payUrl: payment.payUrl ?? '/services/comply/pay' };
  }
}

function render(site: string, timelineUrl: string, view: View, language: Language): string {
  const texts = ORDER_TEXTS[language];
  const { label, message } = texts.states[view.state];
  const body = html`<div class="narrow" id="order" data-timeline="${timelineUrl}" data-final="${view.final ? 'true' : 'false'}">
<h1>${texts.title}</h1>
<p class="state" id="state" data-state="${view.state}" role="status">${label}</p>
<p class="lead" id="message" aria-live="polite">${message}</p>
<p id="go-on"${hidden(view.payUrl === null)}><a class="button primary" href="${view.payUrl ?? '#'}">${texts.goOn}</a></p>
<section class="card" id="progress" aria-label="${texts.progress}"${hidden(view.steps.length === 0)}>
<ol class="steps" id="steps">
${view.steps.map(
  (
    step,
  ) => html`<li data-status="${step.status}" data-name="${step.name}"><span class="dot"></span><span class="name">${stepTitle(step, language)}</span><span class="hidden">${STATUS_TEXTS[language][step.status]}</span><span class="time">${
    step.ms === null ? '' : `${(step.ms / 1000).toFixed(1)} s`
  }</span></li>
`,
)}</ol>
</section>
<p class="hint">${texts.keep}</p>
</div>`;
  return page({
    title: texts.title,
    site,
    language,
    body,
    scripts: ['/assets/order.js'],
    ...(view.final ? {} : { refreshSeconds: 5 }),
  });
}

const hidden = (yes: boolean) => yes && html` hidden`;
