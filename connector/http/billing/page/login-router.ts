/** /billing/login: an address in, always the same answer out; and the link of the mail, which wants a click. */
import express, { type Request, Router } from 'express';
import { invalidRequest } from '../../../billing/checkout-errors.ts';
import { loginIsOpen, redeemLogin } from '../../../billing/login/redeem-login.ts';
import { type LoginDeps, requestLogin } from '../../../billing/login/request-login.ts';
import { compileCheck } from '../../../billing/order-input.ts';
import { asConnectorError } from '../../../errors.ts';
import { errorPage } from '../../error-page.ts';
import { fromOurPage } from '../../from-our-page.ts';
import { jsonBody } from '../../json-body.ts';
import { languageOf } from '../../page.ts';
import { rateLimit } from '../../rate-limit.ts';
import { bodyOf } from '../route.ts';
import { INPUT } from '../schemas.ts';
import { goInPage, loginPage, sentPage, usedPage } from './login-pages.ts';
import { beginSession, type SessionDeps } from './session.ts';

export interface LoginRouterDeps extends SessionDeps, Omit<LoginDeps, 'publicUrl'> {
  readonly db: LoginDeps['db'];
  readonly site: string;
  /** Links asked for a minute from one address (default 5). */
  readonly loginsPerMinute?: number;
}

const check = compileCheck(bodyOf({ email: INPUT.email }, ['email']));

export function loginRouter(deps: LoginRouterDeps): Router {
  const router = Router();
  const frame = (req: Request) => ({ site: deps.site, language: languageOf(req) });
  const asking = rateLimit(deps.loginsPerMinute ?? 5, deps.site);
  const clicking = rateLimit(30, deps.site);
  const raw = express.raw({ type: () => true, limit: '8kb' });

  router.post('/billing/login', asking, raw, (req, res) => {
    const form = req.is('application/x-www-form-urlencoded') !== false;
    if (form && !fromOurPage(req, deps.publicUrl)) return errorPage(res, { status: 403, ...frame(req) });
    const body = form ? formBody(req) : jsonBody(req);
    const errors = check(body);
    if (errors.length > 0) {
      if (!form) throw invalidRequest(errors);
      res
        .status(422)
        .type('html')
        .send(loginPage(frame(req), { invalid: true }));
      return;
    }
    const { email } = body as { email: string };
    // Answered before anything is looked up: neither the words nor the time tell whether somebody is known.
    if (form) res.type('html').send(sentPage(frame(req)));
    else res.status(202).json({ accepted: true });
    requestLogin(deps, email).catch((thrown: unknown) =>
      deps.log.error({ err: asConnectorError(thrown) }, 'a billing login could not be looked up'),
    );
  });
  router.get('/billing/login/:token', clicking, async (req, res) => {
    const token = String(req.params.token);
    if (await loginIsOpen(deps, token)) res.type('html').send(goInPage(frame(req), token));
    else
      res
        .status(410)
        .type('html')
        .send(usedPage(frame(req)));
  });
  router.post('/billing/login/:token', clicking, async (req, res) => {
    if (!fromOurPage(req, deps.publicUrl)) return errorPage(res, { status: 403, ...frame(req) });
    const organisationId = await redeemLogin(deps, String(req.params.token));
    if (organisationId === undefined) {
      res
        .status(410)
        .type('html')
        .send(usedPage(frame(req)));
      return;
    }
    deps.log.info({ organisationId }, 'somebody logged in to the billing page');
    beginSession(deps, res, organisationId);
    res.redirect(303, '/billing');
  });
  return router;
}

function formBody(req: Request): { email: string } {
  const form = new URLSearchParams(Buffer.isBuffer(req.body) ? req.body.toString('utf8') : '');
  return { email: (form.get('email') ?? '').trim() };
}
