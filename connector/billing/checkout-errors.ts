/** The answers a checkout can end in, besides a session. Their codes are documented in docs/checkout-api.md. */
import { ConnectorError } from '../errors.ts';
import type { FieldError } from './order-input.ts';

export const invalidRequest = (errors: readonly FieldError[]) =>
  new ConnectorError({
    kind: 'permanent',
    code: 'invalid_request',
    message: 'Some fields are missing or not acceptable.',
    advice: 'Correct the fields named in "errors" and send the request again.',
    details: { errors },
  });

export const orderNotFound = () =>
  new ConnectorError({
    kind: 'absent',
    code: 'order_not_found',
    message: 'No order belongs to this token, or the token has expired.',
    advice: 'Start a new checkout.',
  });

export const tokenRefused = () =>
  new ConnectorError({
    kind: 'permanent',
    code: 'token_refused',
    message: 'The bearer token is not valid, has expired, or its order is not paid.',
    advice: 'Get a new organisation token, or send the request without one for a new organisation.',
  });

export const alreadyPaid = () =>
  new ConnectorError({
    kind: 'conflict',
    code: 'order_already_paid',
    message: 'This order is paid.',
    advice: 'Open the order page; for another project start a new checkout.',
  });

export const paymentUnderWay = () =>
  new ConnectorError({
    kind: 'conflict',
    code: 'payment_under_way',
    message: 'A payment of this order is on its way.',
    advice: 'Open the order page: it shows when the payment has arrived, and how to pay if it does not.',
  });

export const superseded = () =>
  new ConnectorError({
    kind: 'conflict',
    code: 'checkout_in_progress',
    message: 'Another checkout of this order was opened at the same moment.',
    advice: 'Use that one, or send the request again.',
  });

export const keyReused = () =>
  new ConnectorError({
    kind: 'permanent',
    code: 'idempotency_key_reused',
    message: 'This Idempotency-Key was used with another request body.',
    advice: 'Use a new key for a new request.',
  });

export const offerNotFound = () =>
  new ConnectorError({
    kind: 'absent',
    code: 'offer_not_found',
    message: 'No offer belongs to this link, or it has expired.',
    advice: 'Ask for a new link, or choose a plan yourself.',
  });
