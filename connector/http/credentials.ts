/**
 * /credentials/<token>: the page behind the link of a welcome mail. Looking at it changes nothing, so a mail scanner
 * burns nothing; what it gives comes after a click, which is a POST.
 */
import { type Request, type Response, Router } from 'express';
import type { Credentials } from '../credentials/credentials.ts';
import { markOpened, type StoredLink } from '../credentials/links.ts';
import { type Reveal, revealStorageKey, SHOWN_FOR_MS } from '../credentials/storage-key.ts';
import type { Database } from '../db/database.ts';
import { asConnectorError, type ErrorKind } from '../errors.ts';
import type { Log } from '../log.ts';
import { newToken } from '../secrets/token.ts';
import type { Vault } from '../secrets/vault.ts';
import { goOnPage, keyPage, offerPage, refusalPage } from './credentials-page.ts';
import { REFUSAL_STATUS, type Refusal } from './credentials-texts.ts';
import { fromOurPage } from './from-our-page.ts';
import { languageOf } from './page.ts';
import { rateLimit } from './rate-limit.ts';
import { allowForms } from './security-headers.ts';

export interface CredentialsPageDeps {
  readonly db: Database;
  readonly vault: Vault;
  readonly credentials: Credentials;
  /** Mints the ERP's set-password address now. @throws ConnectorError conflict `erp_user_already_logged_in` */
  readonly setPasswordUrl: (input: { partnerId: number }) => Promise<string>;
  readonly publicUrl: string;
  readonly portalUrl: string;
  readonly site: string;
  readonly log: Log;
  readonly now: () => Date;
}

const COOKIE = 'credentials';

export function credentialsRouter(deps: CredentialsPageDeps): Router {
  const router = Router();
  const limit = rateLimit(60);
  router.get('/credentials/:token', limit, async (req, res) => {
    const link = await liveLink(deps, req, res);
    if (link === undefined) return;
    // Set while nothing is at stake: an answer lost later finds the same browser again.
    if (browserOf(req) === undefined) setCookie(deps, req, res);
    allowForms(res, [new URL(deps.portalUrl).origin]);
    res.type('html').send(offerPage(frameOf(deps, req), { link, path: pathOf(req) }));
  });
  router.post('/credentials/:token/password', limit, async (req, res) => {
    const link = await clickedLink(deps, req, res);
    if (link !== undefined) await sendToPassword(deps, { req, res, link });
  });
  router.post('/credentials/:token/storage-key', limit, async (req, res) => {
    const link = await clickedLink(deps, req, res);
    if (link !== undefined) await showStorageKey(deps, { req, res, link });
  });
  return router;
}

interface Click {
  readonly req: Request;
  readonly res: Response;
  readonly link: StoredLink;
}

// Somebody who has logged in once resets the password in the portal itself; that is no fault of the link.
const PASSWORD_REFUSED: Readonly<Record<string, Refusal>> = { erp_user_already_logged_in: 'has_password' };
const BY_KIND: Readonly<Partial<Record<ErrorKind, Refusal>>> = { conflict: 'no_user', absent: 'no_user' };

async function sendToPassword(deps: CredentialsPageDeps, { req, res, link }: Click): Promise<void> {
  if (link.partnerId === null) return refuse(deps, { req, res, refusal: 'no_user' });
  let url: string;
  try {
    url = await deps.setPasswordUrl({ partnerId: link.partnerId });
  } catch (thrown) {
    const error = asConnectorError(thrown);
    deps.log.warn({ err: error, subscriptionId: link.subscriptionId }, 'no set-password address');
    return refuse(deps, {
      req,
      res,
      refusal: PASSWORD_REFUSED[error.code] ?? BY_KIND[error.kind] ?? 'later',
    });
  }
  await markOpened(deps.db, { tokenHash: link.tokenHash, at: deps.now() });
  const allowed = [deps.portalUrl, deps.publicUrl].map((address) => new URL(address).origin);
  if (allowed.includes(new URL(url).origin)) res.redirect(303, url);
  else res.type('html').send(goOnPage(frameOf(deps, req), url));
}

const REFUSED: Readonly<Record<Exclude<Reveal['outcome'], 'shown'>, Refusal>> = {
  not_yours: 'not_yours',
  used: 'used',
  none: 'no_key',
};

async function showStorageKey(deps: CredentialsPageDeps, { req, res, link }: Click): Promise<void> {
  const browser = browserOf(req);
  if (browser === undefined) {
    setCookie(deps, req, res);
    return refuse(deps, { req, res, refusal: 'no_cookie' });
  }
  const reveal = await revealStorageKey(deps, { link, browser });
  deps.log.info({ subscriptionId: link.subscriptionId, outcome: reveal.outcome }, 'storage key asked for');
  if (reveal.outcome !== 'shown') return refuse(deps, { req, res, refusal: REFUSED[reveal.outcome] });
  res.type('html').send(keyPage(frameOf(deps, req), { ...reveal, path: pathOf(req) }));
}

async function clickedLink(
  deps: CredentialsPageDeps,
  req: Request,
  res: Response,
): Promise<StoredLink | undefined> {
  // The token in the path is a secret already; this refuses a page that knows it nevertheless.
  if (fromOurPage(req, deps.publicUrl)) return liveLink(deps, req, res);
  refuse(deps, { req, res, refusal: 'foreign_page' });
  return undefined;
}

async function liveLink(
  deps: CredentialsPageDeps,
  req: Request,
  res: Response,
): Promise<StoredLink | undefined> {
  const found = await deps.credentials.resolve(String(req.params.token));
  if (found.state === 'live') return found.link;
  refuse(deps, { req, res, refusal: found.state });
  return undefined;
}

/** Going back helps only while the link lives. */
const ENDED: ReadonlySet<Refusal> = new Set(['unknown', 'expired', 'revoked']);

function refuse(
  deps: CredentialsPageDeps,
  { req, res, refusal }: { req: Request; res: Response; refusal: Refusal },
): void {
  const path = ENDED.has(refusal) ? {} : { path: pathOf(req) };
  if (refusal === 'later') res.set('Retry-After', '30');
  res
    .status(REFUSAL_STATUS[refusal])
    .type('html')
    .send(refusalPage(frameOf(deps, req), { refusal, ...path }));
}

const frameOf = (deps: CredentialsPageDeps, req: Request) => ({
  site: deps.site,
  portalUrl: deps.portalUrl,
  language: languageOf(req),
});

const pathOf = (req: Request) => `/credentials/${encodeURIComponent(String(req.params.token))}`;

function setCookie(deps: CredentialsPageDeps, req: Request, res: Response): void {
  res.cookie(COOKIE, newToken(), {
    httpOnly: true,
    sameSite: 'strict',
    secure: deps.publicUrl.startsWith('https:'),
    path: pathOf(req),
    // Outlives the fifteen minutes, which the database counts: the page may stay open for a while before the click.
    maxAge: SHOWN_FOR_MS * 96,
  });
}

function browserOf(req: Request): string | undefined {
  const pairs = (req.get('cookie') ?? '').split(';').map((pair) => pair.trim().split('='));
  const value = pairs.find(([name]) => name === COOKIE)?.[1];
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
}
