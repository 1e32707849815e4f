/** /services/comply: plan → organisation → project → stakeholders → review → pay, rendered here, remembered here. */
import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express';
import type { Checkout, CheckoutAnswer } from '../../billing/checkout.ts';
import { forgetOrderToken, orderTokenOf, saveDraft, setOrderToken } from '../../billing/drafts.ts';
import { currenciesOf } from '../../billing/in-currency.ts';
import { beginOffer, findOffer } from '../../billing/offers.ts';
import { findOrder } from '../../billing/orders.ts';
import { asConnectorError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { newToken } from '../../secrets/token.ts';
import { errorPage } from '../error-page.ts';
import { fromOurPage } from '../from-our-page.ts';
import { languageOf } from '../page.ts';
import { toProblem } from '../problem.ts';
import { rateLimit } from '../rate-limit.ts';
import { allowStripe, stripeJsUrl } from '../security-headers.ts';
import { organisationPage, projectPage } from './detail-pages.ts';
import { EMPTY_DRAFT, firstIncomplete, STEPS, type Step, stepOf, toOrderInput } from './draft.ts';
import { actionOf, applyForm } from './form.ts';
import { payPage } from './pay-page.ts';
import { planPage } from './plan-page.ts';
import { reviewPage } from './review-page.ts';
import { stakeholdersPage } from './stakeholders-page.ts';
import { pathOf, ROOT, type View } from './view.ts';
import { dropCookie, makeView, setCookie, type VisitDeps, visit } from './visit.ts';

export interface WizardDeps extends VisitDeps {
  readonly log: Log;
  readonly checkout: Checkout;
  readonly publishableKey: string;
  readonly stripeApiUrl: string | undefined;
  /** Forms and payment starts a minute from one address (default 120). */
  readonly perMinute?: number;
}

const PAGES: Readonly<Record<Exclude<Step, 'pay'>, (view: View) => string>> = {
  plan: planPage,
  organisation: organisationPage,
  project: projectPage,
  stakeholders: stakeholdersPage,
  review: reviewPage,
};

export function wizardRouter(deps: WizardDeps): Router {
  const router = Router();
  const limit = rateLimit(deps.perMinute ?? 120, deps.catalogue.name);
  // 501 people must arrive whole to be told that 500 is the limit.
  const body = express.text({ type: 'application/x-www-form-urlencoded', limit: '1mb' });
  // A page elsewhere must not type for a visitor: its form carries no cookie, and the answer would replace the draft.
  const ours: RequestHandler = (req, res, next) => {
    if (fromOurPage(req, deps.publicUrl)) return next();
    errorPage(res, { status: 403, site: deps.catalogue.name, language: languageOf(req) });
  };
  router.get(pathOf('pay'), limit, (req, res) => {
    // Beginning a payment makes an order: a link elsewhere leads to the step before it.
    if (!fromOurPage(req, deps.publicUrl)) return res.redirect(303, pathOf('review'));
    return pay(deps, req, res, 'embedded');
  });
  router.post(pathOf('pay'), limit, ours, (req, res) => pay(deps, req, res, 'redirect'));
  router.get(ROOT, limit, (req, res, next) => {
    const { offer, currency } = req.query;
    if (typeof offer === 'string') return begin(deps, req, res, offer);
    return typeof currency === 'string' ? chooseCurrency(deps, req, res, currency) : next();
  });
  for (const step of STEPS) {
    if (step === 'pay') continue;
    router.get(pathOf(step), limit, (req, res) => show(deps, req, res, step));
    router.post(pathOf(step), limit, ours, body, (req, res) => take(deps, req, res, step));
  }
  router.use(ROOT, offerEnded(deps));
  return router;
}

/** A checkout link: a new draft with what the salesperson's ERP knows, and the token out of the address. */
async function begin(deps: WizardDeps, req: Request, res: Response, offerToken: string): Promise<void> {
  const offer = await findOffer(deps.db, offerToken, deps.now());
  if (offer === undefined)
    return errorPage(res, { status: 404, site: deps.catalogue.name, language: languageOf(req) });
  const { prefill, orderToken } = await beginOffer(deps, offer);
  const order = await findOrder(deps.db, orderToken, deps.now());
  if (order?.state === 'paid') return res.redirect(303, `/orders/${orderToken}`);
  const token = newToken();
  const { planKey: plan, interval } = offer;
  await saveDraft(deps, token, { ...EMPTY_DRAFT, plan, interval, organisation: prefill, offer: offerToken });
  await setOrderToken(deps, token, orderToken);
  setCookie(deps, res, token);
  res.redirect(303, ROOT);
}

/** By a link, so that it works without scripts; one that nothing is sold in changes nothing. */
async function chooseCurrency(
  deps: WizardDeps,
  req: Request,
  res: Response,
  currency: string,
): Promise<void> {
  const { token, draft } = await visit(deps, req);
  if (draft.offer === undefined && currenciesOf(deps.catalogue).includes(currency)) {
    await saveDraft(deps, token, { ...draft, currency });
    setCookie(deps, res, token);
  }
  res.redirect(303, ROOT);
}

async function show(
  deps: WizardDeps,
  req: Request,
  res: Response,
  step: Exclude<Step, 'pay'>,
): Promise<void> {
  const { draft } = await visit(deps, req);
  const view = await makeView(deps, req, draft);
  const reach = firstIncomplete(view.problems);
  if (STEPS.indexOf(step) > STEPS.indexOf(reach)) return res.redirect(303, pathOf(reach));
  res.type('html').send(PAGES[step](view));
}

async function take(
  deps: WizardDeps,
  req: Request,
  res: Response,
  step: Exclude<Step, 'pay'>,
): Promise<void> {
  const form = new URLSearchParams(typeof req.body === 'string' ? req.body : '');
  const { token, draft: before } = await visit(deps, req);
  const draft = applyForm(before, step, form);
  await saveDraft(deps, token, draft);
  setCookie(deps, res, token);
  const action = actionOf(form);
  if (action.kind === 'keep') {
    res.status(204).end();
    return;
  }
  if (action.kind !== 'next') return res.redirect(303, `${pathOf(step)}#${step}`);
  const view = await makeView(deps, req, draft);
  const errors = view.problems.filter((error) => stepOf(error) === step);
  if (errors.length > 0) {
    res
      .status(422)
      .type('html')
      .send(PAGES[step]({ ...view, errors }));
    return;
  }
  const next =
    step === 'review' && firstIncomplete(view.problems) !== 'review'
      ? firstIncomplete(view.problems)
      : STEPS[STEPS.indexOf(step) + 1]!;
  res.redirect(303, pathOf(next));
}

async function pay(
  deps: WizardDeps,
  req: Request,
  res: Response,
  ui: 'embedded' | 'redirect',
): Promise<void> {
  const { token, draft } = await visit(deps, req);
  const view = await makeView(deps, req, draft);
  const reach = firstIncomplete(view.problems);
  if (reach !== 'review') return res.redirect(303, pathOf(reach));
  // Two clicks, two tabs, something typed meanwhile: still one order of this draft.
  const ownToken = await orderTokenOf(deps, token);
  let answer: CheckoutAnswer;
  try {
    answer = await deps.checkout.start({
      input: toOrderInput(draft, view.language),
      ui,
      ownToken,
      ...(draft.offer !== undefined && { offerToken: draft.offer }),
    });
  } catch (thrown) {
    return refuse(deps, res, { token, ownToken, view, thrown });
  }
  allowStripe(res, deps.stripeApiUrl);
  if (answer.checkoutUrl !== null) return res.redirect(303, answer.checkoutUrl);
  const payment = {
    publishableKey: deps.publishableKey,
    clientSecret: answer.clientSecret!,
    stripeJs: stripeJsUrl(deps.stripeApiUrl),
  };
  res.type('html').send(payPage(view, payment));
}

async function refuse(
  deps: WizardDeps,
  res: Response,
  { token, ownToken, view, thrown }: { token: string; ownToken: string; view: View; thrown: unknown },
): Promise<void> {
  const error = asConnectorError(thrown);
  if (error.code === 'order_already_paid' || error.code === 'payment_under_way')
    return res.redirect(303, `/orders/${ownToken}`);
  // The order's link has expired; what was typed becomes a new one.
  if (error.code === 'order_not_found') await forgetOrderToken(deps, token);
  if (error.code === 'order_not_found' || error.code === 'checkout_in_progress')
    return res.redirect(303, pathOf('review'));
  deps.log.error({ err: error }, 'checkout could not be begun');
  const { status } = toProblem(error);
  errorPage(res, { status: Math.max(status, 500), site: deps.catalogue.name, language: view.language });
}

/** Said once: the next visit begins anew, with the plans as they are sold. */
const offerEnded =
  ({ catalogue }: WizardDeps): ErrorRequestHandler =>
  (thrown, req, res, next) => {
    if (asConnectorError(thrown).code !== 'offer_not_found') return next(thrown);
    dropCookie(res);
    errorPage(res, { status: 404, site: catalogue.name, language: languageOf(req) });
  };
