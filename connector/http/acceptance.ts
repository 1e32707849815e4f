/**
 * /acceptance/<token>: asks somebody who has a user in the ERP already whether it may be let into a project. Looking at
 * the page changes nothing, so a mail scanner agrees to nothing; agreeing is a POST.
 */
import { type Request, type Response, Router } from 'express';
import type { Credentials } from '../credentials/credentials.ts';
import { markOpened, type StoredLink } from '../credentials/links.ts';
import type { Database } from '../db/database.ts';
import type { Log } from '../log.ts';
import { acceptAccess } from '../provisioning/access/rows.ts';
import { ACCEPTANCE_TEXTS, type AcceptanceRefusal } from './acceptance-texts.ts';
import { fromOurPage } from './from-our-page.ts';
import { html } from './html.ts';
import { languageOf, page } from './page.ts';
import { rateLimit } from './rate-limit.ts';

export interface AcceptanceDeps {
  readonly db: Database;
  readonly acceptances: Pick<Credentials, 'resolve'>;
  /** Lets the person in soon; harmless if lost. */
  readonly onAccepted: () => void;
  readonly publicUrl: string;
  readonly portalUrl: string;
  readonly site: string;
  readonly log: Log;
  readonly now: () => Date;
}

const STATUS: Readonly<Record<AcceptanceRefusal, number>> = {
  unknown: 404,
  expired: 410,
  revoked: 410,
  not_asked: 409,
  foreign_page: 403,
};

export function acceptanceRouter(deps: AcceptanceDeps): Router {
  const router = Router();
  const limit = rateLimit(60);
  router.get('/acceptance/:token', limit, async (req, res) => {
    const link = await liveLink(deps, req, res);
    if (link === undefined) return;
    const texts = ACCEPTANCE_TEXTS[languageOf(req)];
    const action = `/acceptance/${encodeURIComponent(String(req.params.token))}`;
    const body = html`<p class="lead">${texts.lead(link)}</p>
<ul>${texts.facts.map((fact) => html`<li>${fact}</li>`)}</ul>
<form method="post" action="${action}"><button class="primary" type="submit">${texts.button}</button></form>
<p class="hint">${texts.decline}</p>`;
    show(deps, { req, res, title: texts.title, body });
  });
  router.post('/acceptance/:token', limit, async (req, res) => {
    // The token in the path is a secret already; this refuses a page that knows it nevertheless.
    if (!fromOurPage(req, deps.publicUrl)) return refuse(deps, { req, res, refusal: 'foreign_page' });
    const link = await liveLink(deps, req, res);
    if (link === undefined) return;
    const { stakeholderId, subscriptionId } = link;
    const now = deps.now();
    if (stakeholderId === null || !(await acceptAccess(deps.db, { stakeholderId, now })))
      return refuse(deps, { req, res, refusal: 'not_asked' });
    await markOpened(deps.db, { tokenHash: link.tokenHash, at: now });
    deps.log.info({ subscriptionId, stakeholderId }, 'an existing user is let in');
    deps.onAccepted();
    const { thanks } = ACCEPTANCE_TEXTS[languageOf(req)];
    const body = html`<p class="lead">${thanks.text(link)}</p>
<p><a class="button primary" href="${deps.portalUrl}">${thanks.portal}</a></p>`;
    show(deps, { req, res, title: thanks.title, body });
  });
  return router;
}

interface Exchange {
  readonly req: Request;
  readonly res: Response;
}

async function liveLink(deps: AcceptanceDeps, req: Request, res: Response): Promise<StoredLink | undefined> {
  const found = await deps.acceptances.resolve(String(req.params.token));
  if (found.state === 'live') return found.link;
  refuse(deps, { req, res, refusal: found.state });
  return undefined;
}

function refuse(
  deps: AcceptanceDeps,
  { req, res, refusal }: Exchange & { refusal: AcceptanceRefusal },
): void {
  const [title, text] = ACCEPTANCE_TEXTS[languageOf(req)].refusals[refusal];
  res.status(STATUS[refusal]);
  show(deps, { req, res, title, body: html`<p class="lead">${text}</p>` });
}

function show(
  { site }: AcceptanceDeps,
  { req, res, title, body }: Exchange & { title: string; body: ReturnType<typeof html> },
): void {
  const framed = html`<div class="narrow"><h1>${title}</h1>${body}</div>`;
  res.type('html').send(page({ title, site, language: languageOf(req), body: framed }));
}
