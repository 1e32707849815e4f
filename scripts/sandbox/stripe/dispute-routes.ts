/** Reading disputes, answering them, giving in. https://docs.stripe.com/api/disputes */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { closeDispute } from './disputes.ts';
import { missing } from './errors.ts';
import { inRange, newestFirst, page } from './list.ts';
import { any, flag, map, PAGING, range, text } from './params.ts';
import type { Dispute, Plain } from './plain.ts';
import { route } from './route.ts';
import { update } from './update.ts';

type List = Plain<Stripe.DisputeListParams>;
type Update = Plain<Stripe.DisputeUpdateParams>;

export const disputeRoutes = [
  route('GET', '/v1/disputes/:id', {}, ({ core, id }) => disputeOf(core, id)),
  route<List>(
    'GET',
    '/v1/disputes',
    { ...PAGING, charge: text, created: range, payment_intent: text },
    ({ core, params, path }) =>
      page(
        newestFirst(core.tables.disputes.all()).filter(
          (one) =>
            (params.charge === undefined || one.charge === params.charge) &&
            (params.payment_intent === undefined || one.payment_intent === params.payment_intent) &&
            inRange(one.created, params.created),
        ),
        params,
        path,
      ),
  ),
  route<Update>(
    'POST',
    '/v1/disputes/:id',
    { evidence: any, metadata: map, submit: flag },
    ({ core, id, params }) => {
      const dispute = disputeOf(core, id);
      const { evidence } = params;
      const sent = update(core, core.tables.disputes, 'charge.dispute.updated', dispute, {
        ...(evidence && { evidence: { ...dispute.evidence, ...evidence } as Dispute['evidence'] }),
        ...(params.submit !== false && evidence && { status: 'under_review' as const }),
        evidence_details: { ...dispute.evidence_details, has_evidence: evidence !== undefined },
      });
      // "winning_evidence", "losing_evidence" in uncategorized_text: https://docs.stripe.com/testing#evidence
      const verdict = VERDICTS[String(evidence?.uncategorized_text)];
      return verdict === undefined ? sent : closeDispute(core, sent, verdict);
    },
  ),
  route('POST', '/v1/disputes/:id/close', {}, ({ core, id }) =>
    closeDispute(core, disputeOf(core, id), 'lost'),
  ),
];

const VERDICTS: Readonly<Record<string, 'won' | 'lost'>> = {
  winning_evidence: 'won',
  losing_evidence: 'lost',
};

function disputeOf(core: Core, id: string): Dispute {
  const dispute = core.tables.disputes.get(id);
  if (!dispute) throw missing('dispute', id);
  return dispute;
}
