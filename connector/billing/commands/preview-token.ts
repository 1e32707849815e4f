/** What a preview promised, in the caller's hands: signed, valid for half an hour, of one subscription as it then was. */
import { readClaims, signClaims } from '../../secrets/signed.ts';
import type { ChangeTime } from '../catalogue.ts';
import { digest } from './change.ts';
import { previewOutOfDate } from './errors.ts';
import type { LiveSubscription, PlanChange } from './subscription-gateway.ts';

const PURPOSE = 'plan-change-preview';
export const PREVIEW_MINUTES = 30;

export interface PreviewClaims {
  readonly subscriptionId: number;
  readonly when: ChangeTime;
  readonly change: PlanChange;
  /** Charged at once, minor units. */
  readonly amountDue: number;
  readonly currency: string;
  /** Of the subscription as it was: any difference makes the preview worthless. */
  readonly state: string;
  /** Unix seconds. */
  readonly expires: number;
}

interface Secrets {
  readonly connectorSecrets: readonly string[];
  readonly now: () => Date;
}

export function issuePreview({ connectorSecrets, now }: Secrets, claims: Omit<PreviewClaims, 'expires'>) {
  const expires = Math.floor(now().getTime() / 1000) + PREVIEW_MINUTES * 60;
  return {
    token: signClaims({ connectorSecrets, purpose: PURPOSE }, { ...claims, expires }),
    expiresAt: new Date(expires * 1000),
  };
}

/** @throws ConnectorError conflict `preview_out_of_date`: forged, expired or of another subscription */
export function readPreview(
  { connectorSecrets, now }: Secrets,
  input: { readonly subscriptionId: number; readonly token: string },
): PreviewClaims {
  const claims = readClaims({ connectorSecrets, purpose: PURPOSE }, input.token) as PreviewClaims | undefined;
  if (claims === undefined) throw previewOutOfDate('The preview is not one of ours.');
  if (claims.expires * 1000 <= now().getTime()) throw previewOutOfDate('The preview has expired.');
  if (claims.subscriptionId !== input.subscriptionId)
    throw previewOutOfDate('The preview is of another subscription.');
  return claims;
}

/** All of a subscription that its price depends on. */
export function stateOf(live: LiveSubscription): string {
  const { status, items, currentPeriodStart, currentPeriodEnd, cancelAt, trialEnd } = live;
  const { collectionPaused, updatePending, scheduled } = live;
  return digest([
    status,
    items.map(({ id, priceId, quantity }) => [id, priceId, quantity]),
    [currentPeriodStart, currentPeriodEnd, cancelAt, trialEnd],
    [collectionPaused, updatePending, scheduled],
  ]);
}
