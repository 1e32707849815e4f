/** One visitor's request: who they are by cookie, what they have typed so far, and what a page of theirs shows. */
import type { Request, Response } from 'express';
import type { Catalogue } from '../../billing/catalogue.ts';
import { offerNotFound } from '../../billing/checkout-errors.ts';
import { loadDraft } from '../../billing/drafts.ts';
import { currenciesOf, inCurrency } from '../../billing/in-currency.ts';
import { findOffer, type Offer } from '../../billing/offers.ts';
import { findOrder } from '../../billing/orders.ts';
import type { Database } from '../../db/database.ts';
import { newToken } from '../../secrets/token.ts';
import type { Vault } from '../../secrets/vault.ts';
import { languageOf } from '../page.ts';
import { type Draft, draftErrors, EMPTY_DRAFT } from './draft.ts';
import { offeredCatalogue } from './offered-catalogue.ts';
import { pathOf, ROOT, type View, viewOf } from './view.ts';

export interface VisitDeps {
  readonly db: Database;
  readonly now: () => Date;
  readonly vault: Vault;
  readonly catalogue: Catalogue;
  readonly publicUrl: string;
  readonly trialDays: number;
}

interface Visit {
  readonly token: string;
  readonly draft: Draft;
}

const COOKIE = 'draft';

export async function visit(deps: VisitDeps, req: Request): Promise<Visit> {
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

/** @throws ConnectorError absent `offer_not_found`: the price agreed holds no longer */
export async function makeView(deps: VisitDeps, req: Request, draft: Draft): Promise<View> {
  const { trialDays } = deps;
  const currencies = currenciesOf(deps.catalogue);
  const offer = await offerOf(deps, draft);
  const catalogue =
    offer === undefined
      ? inCurrency(deps.catalogue, draft.currency ?? deps.catalogue.currency)
      : offeredCatalogue(deps.catalogue, offer);
  const problems = draftErrors(deps.catalogue, draft, offer);
  const language = languageOf(req);
  return viewOf({ catalogue, currencies, draft, problems, errors: [], language, trialDays, offer });
}

async function offerOf(deps: VisitDeps, draft: Draft): Promise<Offer | undefined> {
  if (draft.offer === undefined) return undefined;
  const offer = await findOffer(deps.db, draft.offer, deps.now());
  if (offer === undefined) throw offerNotFound();
  return offer;
}

export function setCookie(deps: VisitDeps, res: Response, token: string): void {
  res.cookie(COOKIE, token, {
    path: ROOT,
    httpOnly: true,
    sameSite: 'lax',
    secure: deps.publicUrl.startsWith('https:'),
    maxAge: 30 * 86_400_000,
  });
}

export function dropCookie(res: Response): void {
  res.clearCookie(COOKIE, { path: ROOT });
}
