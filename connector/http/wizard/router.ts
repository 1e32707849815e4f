/** /services/comply: plan → organisation → project → stakeholders → review → pay, rendered here, remembered here. */
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Catalogue } from '../../billing/catalogue.ts';
import type { Checkout, CheckoutAnswer } from '../../billing/checkout.ts';
import { forgetOrderToken, loadDraft, orderTokenOf, saveDraft, setOrderToken } from '../../billing/drafts.ts';
import { currenciesOf, inCurrency } from '../../billing/in-currency.ts';
import { beginOffer, findOffer } from '../../billing/offers.ts';
import { findOrder } from '../../billing/orders.ts';
import type { Database } from '../../db/database.ts';
import { asConnectorError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { newToken } from '../../secrets/token.ts';
import type { Vault } from '../../secrets/vault.ts';
import { errorPage } from '../error-page.ts';
import { fromOurPage } from '../from-our-page.ts';
import { languageOf } from '../page.ts';
import { toProblem } from '../problem.ts';
import { rateLimit } from '../rate-limit.ts';
import { allowStripe, stripeJsUrl } from '../security-headers.ts';
import { organisationPage, projectPage } from './detail-pages.ts';
import {
  type Draft,
  draftErrors,
  EMPTY_DRAFT,
  firstIncomplete,
  STEPS,
  type Step,
  stepOf,
  toOrderInput,
} from './draft.ts';
import { actionOf, applyForm } from './form.ts';
import { payPage } from './pay-page.ts';
import { planPage } from './plan-page.ts';
import { reviewPage } from './review-page.ts';
import { stakeholdersPage } from './stakeholders-page.ts';
import { pathOf, ROOT, type View, viewOf } from './view.ts';

export interface WizardDeps {
  readonly db: Database;
  readonly log: Log;
  readonly now: () => Date;
  readonly vault: Vault;
  readonly catalogue: Catalogue;
  readonly checkout: Checkout;
  readonly publicUrl: string;
  readonly publishableKey: string;
  readonly stripeApiUrl: string | undefined;
  readonly trialDays: number;
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
const COOKIE = 'draft';

/** One visitor's request: who they are by cookie, and what they have typed so far. */
interface Visit {
  readonly token: string;
  readonly draft: Draft;
}

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
  const { status } = toProblem(error);
  deps.log[status >= 500 ? 'error' : 'warn']({ err: error }, 'checkout could not be begun');
  errorPage(res, { status: Math.max(status, 500), site: deps.catalogue.name, language: view.language });
}

async function visit(deps: WizardDeps, req: Request): Promise<Visit> {
  const cookie = new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]{43})(?:;|$)`).exec(req.get('cookie') ?? '')?.[1];
  const kept = cookie === undefined ? undefined : await loadDraft<Draft>(deps, cookie);
  // A cookie we never gave (or have forgotten) is not taken over: somebody else might know it.
  if (cookie === undefined || kept === undefined) return nobody();
  if (kept.orderToken !== undefined && req.path !== pathOf('pay')) {
    const order = await findOrder(deps.db, kept.orderToken, deps.now());
    // A paid order is no draft any more: the next visit begins a new one.
    if (order?.state === 'paid') return nobody();
  }
  return { token: cookie, draft: kept.draft };
}

const nobody = (): Visit => ({ token: newToken(), draft: EMPTY_DRAFT });

async function makeView(deps: WizardDeps, req: Request, draft: Draft): Promise<View> {
  const { trialDays } = deps;
  const catalogue = inCurrency(deps.catalogue, draft.currency ?? deps.catalogue.currency);
  const currencies = currenciesOf(deps.catalogue);
  const offer = draft.offer === undefined ? undefined : await findOffer(deps.db, draft.offer, deps.now());
  const problems = draftErrors(deps.catalogue, draft, offer);
  const language = languageOf(req);
  return viewOf({ catalogue, currencies, draft, problems, errors: [], language, trialDays, offer });
}

function setCookie(deps: WizardDeps, res: Response, token: string): void {
  res.cookie(COOKIE, token, {
    path: ROOT,
    httpOnly: true,
    sameSite: 'lax',
    secure: deps.publicUrl.startsWith('https:'),
    maxAge: 30 * 86_400_000,
  });
}
