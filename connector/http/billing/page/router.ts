/** /billing: rendered here, works without scripts; every button is the API's own command. */
import { createHash, randomUUID } from 'node:crypto';
import express, { type Request, type Response, Router } from 'express';
import type { AccountOrganisation } from '../../../billing/account/organisation.ts';
import { quoteAddOn } from '../../../billing/commands/addons.ts';
import { previewChange } from '../../../billing/commands/preview-change.ts';
import { asConnectorError } from '../../../errors.ts';
import type { Log } from '../../../log.ts';
import { errorPage } from '../../error-page.ts';
import { fromOurPage } from '../../from-our-page.ts';
import { languageOf } from '../../page.ts';
import { toProblem } from '../../problem.ts';
import { rateLimit } from '../../rate-limit.ts';
import { allowPortal } from '../../security-headers.ts';
import { changeRequest } from '../change-request.ts';
import { chosenAlive } from '../live.ts';
import { perform, requireBody } from '../perform.ts';
import type { BillingDeps } from '../route.ts';
import { addOnPreviewPage } from './add-on-preview-page.ts';
import { billingPage } from './billing-page.ts';
import { loginPage } from './login-pages.ts';
import { type LoginRouterDeps, loginRouter } from './login-router.ts';
import { previewPage } from './preview-page.ts';
import { returnPage } from './return-page.ts';
import { comeBack, readReturn } from './return-request.ts';
import { endSession, sessionOf } from './session.ts';
import { BILLING_TEXTS } from './texts.ts';
import { billingView } from './view.ts';

export interface BillingPageDeps extends BillingDeps, LoginRouterDeps {
  readonly log: Log;
  /** undefined: Stripe's own; the sandbox's address else. The portal is there. */
  readonly stripeApiUrl: string | undefined;
  /** Requests a minute from one address (default 120). */
  readonly perMinute?: number;
}

interface Visit {
  readonly req: Request;
  readonly res: Response;
  readonly organisation: AccountOrganisation;
  readonly form: Readonly<Record<string, string>>;
}

/** A form of the page: which route it is, and what is said when it worked. */
const ACTIONS: Readonly<Record<string, { readonly operationId: string; readonly note: string }>> = {
  cancel: { operationId: 'cancelSubscription', note: 'cancelled' },
  reactivate: { operationId: 'reactivateSubscription', note: 'reactivated' },
  'keep-plan': { operationId: 'revokeTierChange', note: 'change_revoked' },
  'promotion-code': { operationId: 'redeemPromotionCode', note: 'code_redeemed' },
};

export function billingPageRouter(deps: BillingPageDeps): Router {
  const router = Router();
  const limit = rateLimit(deps.perMinute ?? 120, deps.site);
  const body = express.text({ type: 'application/x-www-form-urlencoded', limit: '16kb' });
  router.use(loginRouter(deps));
  router.get('/billing', limit, async (req, res) => {
    const organisation = await sessionOf(deps, req);
    if (organisation === undefined) {
      res.type('html').send(loginPage(frameOf(deps, req)));
      return;
    }
    allowPortal(res, deps.stripeApiUrl);
    res.type('html').send(billingPage(await viewOf(deps, req, organisation)));
  });

  /** A form of a page of ours, by somebody logged in. */
  const post = (path: string, act: (visit: Visit) => Promise<void>): void => {
    router.post(`/billing/${path}`, limit, body, async (req, res) => {
      const frame = frameOf(deps, req);
      if (!fromOurPage(req, deps.publicUrl)) return errorPage(res, { status: 403, ...frame });
      const organisation = await sessionOf(deps, req);
      if (organisation === undefined) {
        res
          .status(401)
          .type('html')
          .send(loginPage(frame, { ended: true }));
        return;
      }
      try {
        await act({ req, res, organisation, form: formOf(req) });
      } catch (thrown) {
        refuse(deps, { res, organisation, thrown });
      }
    });
  };

  for (const [path, { operationId, note }] of Object.entries(ACTIONS)) {
    post(path, async ({ res, organisation, form }) => {
      await perform(deps, operationId, { organisation, requestId: randomUUID(), body: form });
      res.redirect(303, `/billing?note=${note}`);
    });
  }
  post('resume', async ({ res, organisation, form }) => {
    const answer = await perform(deps, 'resumeSubscription', {
      organisation,
      requestId: randomUUID(),
      body: form,
    });
    const waits = (answer.body as { status: string }).status === 'paused';
    res.redirect(303, `/billing?note=${waits ? 'resume_waits' : 'resumed'}`);
  });
  post('discounts/remove', async ({ res, organisation, form }) => {
    await perform(deps, 'dropDiscounts', { organisation, requestId: randomUUID(), query: form });
    res.redirect(303, '/billing?note=discount_removed');
  });
  post('addons', async ({ req, res, organisation, form }) => {
    requireBody('previewAddOn', form);
    const row = await chosenAlive(deps, { organisation, requestId: '', params: {}, query: {}, body: form });
    const quote = await quoteAddOn(deps.commands, {
      subscriptionId: row.id,
      addOnKey: form.addon_key!,
      ...(form.domain !== undefined && { domain: form.domain }),
    });
    const view = await viewOf(deps, req, organisation);
    res.type('html').send(addOnPreviewPage(view, { quote, subscriptionId: row.id }));
  });
  post('addons/confirm', async ({ res, organisation, form }) => {
    // Pressed twice, it is bought once.
    const requestId = `page_${hash(`${organisation.id} ${JSON.stringify(form)}`)}`;
    await perform(deps, 'purchaseAddOn', { organisation, requestId, body: form });
    res.redirect(303, '/billing?note=addon_bought');
  });
  post('addons/remove', async ({ res, organisation, form }) => {
    const params = { id: form.id ?? '' };
    await perform(deps, 'removeAddOn', { organisation, requestId: randomUUID(), params });
    res.redirect(303, '/billing?note=addon_removed');
  });
  post('portal', async ({ res, organisation, form }) => {
    const answer = await perform(deps, 'openPortal', {
      organisation,
      requestId: randomUUID(),
      body: form,
    });
    res.redirect(303, (answer.body as { url: string }).url);
  });
  post('change', async ({ req, res, organisation, form }) => {
    const { quantity, ...rest } = form;
    const body = { ...rest, ...(quantity !== undefined && { quantity: Number(quantity) }) };
    requireBody('previewTierChange', body);
    const row = await chosenAlive(deps, { organisation, requestId: '', params: {}, query: {}, body });
    const preview = await previewChange(deps.commands, changeRequest(row.id, body));
    const view = await viewOf(deps, req, organisation);
    res.type('html').send(previewPage(view, { preview, subscriptionId: String(row.id) }));
  });
  post('change/confirm', async ({ res, organisation, form }) => {
    const answer = await perform(deps, 'changeTier', { organisation, requestId: randomUUID(), body: form });
    const { outcome, pay_url } = answer.body as { outcome: string; pay_url: string | null };
    if (outcome === 'payment_pending' && pay_url !== null) return res.redirect(303, pay_url);
    res.redirect(303, `/billing?note=${outcome === 'scheduled' ? 'change_scheduled' : 'changed'}`);
  });
  post('return', async ({ req, res, organisation, form }) => {
    const { catalogue, wanted } = await readReturn(deps, organisation, form);
    const view = await viewOf(deps, req, organisation);
    res.type('html').send(returnPage({ ...view, catalogue }, wanted));
  });
  post('return/confirm', async ({ res, organisation, form }) => {
    await comeBack(deps, organisation, form);
    res.redirect(303, '/billing?note=returned');
  });
  router.post('/billing/logout', limit, (req, res) => {
    if (fromOurPage(req, deps.publicUrl)) endSession(deps, res);
    res.redirect(303, '/billing');
  });
  return router;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

const frameOf = (deps: BillingPageDeps, req: Request) => ({ site: deps.site, language: languageOf(req) });

function viewOf(deps: BillingPageDeps, req: Request, organisation: AccountOrganisation) {
  const { note, cursor } = req.query as Record<string, unknown>;
  const language = languageOf(req);
  return billingView(deps, {
    organisation,
    language,
    cursor: typeof cursor === 'string' ? cursor : undefined,
    note: typeof note === 'string' && Object.hasOwn(BILLING_TEXTS[language].notes, note) ? note : undefined,
  });
}

/** Fields left empty are left out, as the API wants it. */
function formOf(req: Request): Record<string, string> {
  const form = new URLSearchParams(typeof req.body === 'string' ? req.body : '');
  return Object.fromEntries([...form].filter(([, value]) => value.trim() !== ''));
}

/** Back to the page, which says why. */
function refuse(
  deps: BillingPageDeps,
  { res, organisation, thrown }: { res: Response; organisation: AccountOrganisation; thrown: unknown },
): void {
  const error = asConnectorError(thrown);
  const problem = toProblem(error);
  const { status, code } = problem;
  deps.log[status >= 500 ? 'error' : 'info'](
    { err: error, organisationId: organisation.id },
    'refused on the billing page',
  );
  const known = Object.hasOwn(BILLING_TEXTS.en.notes, code);
  const note = known ? code : status === 503 ? 'later' : 'refused';
  res.redirect(303, `/billing?note=${note}`);
}
