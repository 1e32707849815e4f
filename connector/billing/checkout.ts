/** From a filled-in order to a session the customer can pay. */
import { createHash } from 'node:crypto';
import type { Database, Tx } from '../db/database.ts';
import { newToken } from '../secrets/token.ts';
import type { Vault } from '../secrets/vault.ts';
import { currencyOfOrganisation } from './account/organisation.ts';
import type { Catalogue } from './catalogue.ts';
import { ensureCustomer, trialDays } from './checkout-customer.ts';
import { alreadyPaid, invalidRequest, offerNotFound, orderNotFound, superseded } from './checkout-errors.ts';
import type { SessionRequest } from './checkout-gateway.ts';
import { checkoutLines } from './checkout-lines.ts';
import { claimKey, type IdempotentRequest, keepAnswer, type Remembered, recall } from './idempotency.ts';
import { currenciesOf, inCurrency } from './in-currency.ts';
import { knownOrganisation } from './known-organisation.ts';
import { beginOffer, findOffer, type Offer, offerOfOrder } from './offers.ts';
import type { OrderInput } from './order-form.ts';
import { orderErrors } from './order-input.ts';
import {
  createOrder,
  findOrder,
  lockOrder,
  lockToken,
  type Order,
  tokenIsTaken,
  updateOrder,
} from './orders.ts';
import { findPlan } from './plans.ts';
import { sameDraft } from './same-draft.ts';
import { endSessions, openSession, type SessionDeps } from './session.ts';

export interface CheckoutRequest {
  readonly input: OrderInput;
  readonly ui: 'embedded' | 'redirect';
  /** Redirect only; default: the order page and the wizard. Their origins are the caller's to check. */
  readonly successUrl?: string;
  readonly cancelUrl?: string;
  /** Token of an unpaid order to go on with: its draft is replaced by `input`. */
  readonly orderToken?: string;
  /** Token the order has or, being the first to ask, gets: what the wizard keeps with its draft. */
  readonly ownToken?: string;
  /** Proof of a known organisation: an organisation token, or the token of a paid order. */
  readonly bearer?: string;
  readonly idempotencyKey?: string;
  /** Token of a salesperson's offer: its plan and amounts are what is sold. */
  readonly offerToken?: string;
}

export interface CheckoutAnswer {
  readonly orderToken: string;
  readonly orderUrl: string;
  readonly sessionId: string;
  readonly expiresAt: string;
  readonly clientSecret: string | null;
  readonly checkoutUrl: string | null;
}

export interface CheckoutDeps extends SessionDeps {
  readonly db: Database;
  readonly now: () => Date;
  readonly vault: Vault;
  readonly connectorSecrets: readonly string[];
  readonly catalogue: Catalogue;
  readonly publicUrl: string;
  readonly trialDays: number;
}

export interface Checkout {
  /**
   * @throws ConnectorError permanent `invalid_request` (details.errors: FieldError[]), absent `order_not_found`,
   *   permanent `token_refused`, conflict `order_already_paid`, conflict `payment_under_way`,
   *   conflict `checkout_in_progress`,
   *   permanent `idempotency_key_reused`, and Stripe's classified errors
   */
  start(request: CheckoutRequest): Promise<CheckoutAnswer>;
}

/** An order of this request: `fresh` when this very request made it. */
interface Placed {
  readonly order: Order;
  readonly token: string;
  readonly fresh: boolean;
  /** Its draft differs from what an earlier request stored. */
  readonly changed: boolean;
}

export function createCheckout(deps: CheckoutDeps): Checkout {
  return { start: (request) => start(deps, request) };
}

async function start(deps: CheckoutDeps, given: CheckoutRequest): Promise<CheckoutAnswer> {
  const organisationId = await knownOrganisation(deps, given.bearer);
  const request = await inCustomersCurrency(deps, given, organisationId);
  const offer = await offerOf(deps, request);
  const errors = orderErrors(deps.catalogue, request.input, offer);
  if (!request.input.organisation && organisationId === undefined)
    errors.push({ pointer: '/organisation', code: 'required' });
  if (errors.length > 0) throw invalidRequest(errors);

  const idempotent = idempotentRequest(request, organisationId);
  // First of all: a repeated request must not end what a later one has opened.
  const remembered = idempotent && (await recall(deps, idempotent));
  if (remembered?.answer !== undefined) return remembered.answer as CheckoutAnswer;
  const token =
    request.orderToken ??
    (offer && (await beginOffer(deps, offer)).orderToken) ??
    request.ownToken ??
    newToken();
  const changed = remembered === undefined && (await prepareChange(deps, request, token));
  const placed = await deps.db.tx(async (tx) => {
    await lockToken(tx, token);
    const earlier = idempotent && (await claimKey(deps, tx, idempotent, token));
    return earlier
      ? again(deps, tx, earlier)
      : place(deps, tx, { request, token, organisationId, offer, changed });
  });
  if ('sessionId' in placed) return placed;
  const answer = await pay(deps, request, placed);
  if (idempotent) await keepAnswer(deps, idempotent, { secret: placed.token, answer, status: 201 });
  return answer;
}

/** A customer of the provider has one currency: what a known organisation pays in already goes before its wish. */
async function inCustomersCurrency(
  { db, catalogue }: CheckoutDeps,
  request: CheckoutRequest,
  organisationId: number | undefined,
): Promise<CheckoutRequest> {
  const currency = organisationId === undefined ? null : await currencyOfOrganisation(db, organisationId);
  if (currency === null || !currenciesOf(catalogue).includes(currency)) return request;
  return { ...request, input: { ...request.input, currency } };
}

/** @throws ConnectorError absent `offer_not_found` */
async function offerOf(deps: CheckoutDeps, { offerToken }: CheckoutRequest): Promise<Offer | undefined> {
  if (offerToken === undefined) return undefined;
  const offer = await findOffer(deps.db, offerToken, deps.now());
  if (offer === undefined) throw offerNotFound();
  return offer;
}

async function again(deps: CheckoutDeps, tx: Tx, earlier: Remembered): Promise<Placed | CheckoutAnswer> {
  if (earlier.answer !== undefined) return earlier.answer as CheckoutAnswer;
  const order = await findOrder(tx, earlier.secret, deps.now());
  if (order === undefined) throw orderNotFound();
  return { order, token: earlier.secret, fresh: false, changed: false };
}

interface Place {
  readonly request: CheckoutRequest;
  readonly token: string;
  readonly organisationId: number | undefined;
  readonly offer: Offer | undefined;
  readonly changed: boolean;
}

async function place(
  deps: CheckoutDeps,
  tx: Tx,
  { request, token, organisationId, offer, changed }: Place,
): Promise<Placed> {
  const { input } = request;
  const quantity = quantityOf(deps, input);
  const found = await findOrder(tx, token, deps.now());
  if (found === undefined) {
    if (request.orderToken !== undefined || (await tokenIsTaken(tx, token))) throw orderNotFound();
    const known = {
      ...(organisationId !== undefined && { organisationId }),
      ...(offer !== undefined && { offerId: offer.id }),
    };
    const order = await createOrder(tx, { input, token, now: deps.now(), quantity, ...known });
    return { order, token, fresh: true, changed: false };
  }
  const order = await lockOrder(tx, found.id);
  if (order.state === 'paid') throw alreadyPaid();
  const differs = !(await sameDraft(tx, order, input, quantity));
  // Made or changed since its sessions were ended: another request was here, and may have opened one.
  if (differs && !changed) throw superseded();
  return {
    order: differs ? await updateOrder(tx, order, input, quantity) : order,
    token,
    fresh: false,
    changed: differs,
  };
}

/** An order is changed only while nothing of it can be paid. @returns whether the draft differs from what is stored */
async function prepareChange(
  deps: CheckoutDeps,
  { input, orderToken }: CheckoutRequest,
  token: string,
): Promise<boolean> {
  const order = await findOrder(deps.db, token, deps.now());
  if (order === undefined) {
    if (orderToken !== undefined) throw orderNotFound();
    return false;
  }
  if (order.state === 'paid') throw alreadyPaid();
  if (await sameDraft(deps.db, order, input, quantityOf(deps, input))) return false;
  const { rows } = await deps.db.query<{ id: string | null }>(
    'select provider_customer_id as id from organisations where id = $1',
    [order.organisationId],
  );
  const customerId = rows[0]!.id;
  if (customerId !== null) await endSessions(deps, order, customerId);
  return true;
}

/** Flat plans are sold once; a plan per user as often as there are users. */
function quantityOf({ catalogue }: CheckoutDeps, input: OrderInput): number {
  const perUser = findPlan(catalogue, input.plan)!.usage === 'per_user';
  return perUser ? (input.quantity ?? input.stakeholders.length) : 1;
}

async function pay(deps: CheckoutDeps, request: CheckoutRequest, placed: Placed): Promise<CheckoutAnswer> {
  const { order, token } = placed;
  const offer = order.offerId === null ? undefined : await offerOfOrder(deps.db, order.id);
  const currency = offer?.currency ?? order.currency ?? deps.catalogue.currency;
  const catalogue = inCurrency(deps.catalogue, currency);
  const plan = findPlan(catalogue, order.planKey)!;
  const [lines, customerId] = await Promise.all([
    checkoutLines(deps.gateway, { plan, order, offer, lookupSuffix: catalogue.lookupSuffix }),
    ensureCustomer(deps, order, placed.changed),
  ]);
  const orderUrl = `${deps.publicUrl}/orders/${token}`;
  const sessionRequest: SessionRequest = {
    customerId,
    orderId: order.id,
    lines,
    trialDays: await trialDays(deps, order),
    automaticTax: deps.catalogue.automaticTax,
    // An agreed price is the last word.
    promotionCodes: deps.catalogue.promotionCodes && (offer?.amounts ?? null) === null,
    locale: request.input.locale ?? 'auto',
    ui: request.ui,
    // Stripe puts the id in the place of this text.
    returnUrl: request.successUrl ?? `${orderUrl}?session_id={CHECKOUT_SESSION_ID}`,
    cancelUrl: request.cancelUrl ?? `${deps.publicUrl}/services/comply`,
  };
  const session = await openSession(deps, order, sessionRequest, placed.fresh);
  return {
    orderToken: token,
    orderUrl,
    sessionId: session.id,
    expiresAt: session.expiresAt.toISOString(),
    clientSecret: session.clientSecret,
    checkoutUrl: session.url,
  };
}

function idempotentRequest(
  request: CheckoutRequest,
  organisationId: number | undefined,
): IdempotentRequest | undefined {
  const { idempotencyKey, bearer: _bearer, ...rest } = request;
  if (idempotencyKey === undefined) return undefined;
  const requestHash = hash(JSON.stringify(rest));
  return { scope: `checkout/${caller(request, organisationId)}`, key: idempotencyKey, requestHash };
}

/** Nobody meets another's key by choosing the same one: a bearer, the order, else the organisation named in the request. */
function caller({ input, orderToken }: CheckoutRequest, organisationId: number | undefined): string {
  if (organisationId !== undefined) return `org_${organisationId}`;
  if (orderToken !== undefined) return `order_${hash(orderToken)}`;
  return `new_${hash(JSON.stringify(input.organisation))}`;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
