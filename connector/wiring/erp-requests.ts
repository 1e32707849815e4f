/** What each request of staff does: the one place where a button in the ERP meets a command. */
import type { AccountGateway } from '../billing/account/gateway.ts';
import { adoptSubscription } from '../billing/adopt-subscription.ts';
import { cancel } from '../billing/commands/cancel.ts';
import type { CommandDeps } from '../billing/commands/change.ts';
import { reactivate } from '../billing/commands/reactivate.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { type LinkMailer, reissueCredentials } from '../credentials/reissue.ts';
import type { ErpRequest, RequestHandlers, RequestOutcome } from '../crm/requests/request.ts';
import { type SubjectSubscription, subscriptionOf } from '../crm/requests/subject.ts';
import type { Database } from '../db/database.ts';
import { ConnectorError } from '../errors.ts';
import { retryRun } from '../provisioning/gate.ts';
import { portalReturnUrl } from '../stripe/portal-configuration.ts';
import { type CheckoutLinkDeps, sendCheckoutLink } from './checkout-link.ts';

interface Deps {
  readonly db: Database;
  readonly now: () => Date;
  readonly publicUrl: string;
  readonly commands: CommandDeps;
  readonly account: Pick<AccountGateway, 'portal' | 'customer'>;
  readonly credentials: Credentials;
  readonly mailer: LinkMailer;
  readonly syncNow: (customerId: string) => Promise<void>;
  readonly wakeRun: (runId: string) => void;
  readonly tellStaff: () => void;
  readonly checkoutLink: CheckoutLinkDeps;
}

/** One handler an action. To add one, see crm/requests/actions.ts. */
export function requestHandlers(deps: Deps): RequestHandlers {
  const about =
    (handle: (subject: SubjectSubscription, request: ErpRequest) => Promise<RequestOutcome>) =>
    async (request: ErpRequest) =>
      handle(await subscriptionOf(deps.db, request), request);
  return {
    open_portal: about(async ({ customerId, locale }) => {
      const { url } = await deps.account.portal({
        customerId,
        returnUrl: portalReturnUrl(deps.publicUrl),
        locale,
        paymentMethodOnly: false,
      });
      return {
        answer: 'The portal is open under the link for some minutes. Each press makes a new one.',
        url,
      };
    }),

    resend_credentials: about(async ({ id }, request) => {
      const { mailed } = await reissueCredentials(deps, id, request.id);
      return { answer: `A new link went to ${mailed.join(', ')}. The links sent before have ended.` };
    }),

    retry_provisioning: about(async ({ id }) => {
      const stopped = await stoppedRun(deps.db, id);
      if (stopped === undefined) throw nothingStopped();
      await deps.db.tx((tx) => retryRun(tx, stopped));
      deps.wakeRun(stopped);
      deps.tellStaff();
      return { answer: 'Provisioning goes on at the first step that is not done.' };
    }),

    resync: about(async ({ customerId }) => {
      await deps.syncNow(customerId);
      return {
        answer: `Everything of ${customerId} is read anew from Stripe; what differs follows in a moment.`,
      };
    }),

    cancel: about(async ({ id }, request) => {
      const live = await cancel(deps.commands, {
        subscriptionId: id,
        when: 'period_end',
        reason: { comment: `Asked for in the ERP by ${request.asker}` },
      });
      return { answer: `The subscription ends on ${day(live.cancelAt ?? live.currentPeriodEnd)}.` };
    }),

    reactivate: about(async ({ id }) => {
      const live = await reactivate(deps.commands, { subscriptionId: id });
      return { answer: `The subscription goes on; it renews on ${day(live.currentPeriodEnd)}.` };
    }),

    send_checkout_link: (request) => sendCheckoutLink(deps.checkoutLink, request),

    provision: about(async ({ id }) => {
      const adopted = await adoptSubscription(
        { ...deps, customer: (customerId) => deps.account.customer(customerId) },
        id,
      );
      const start = adopted.paid
        ? 'Provisioning starts now.'
        : 'Provisioning starts by itself with the first payment.';
      if (adopted.already)
        return { answer: `Order ${adopted.orderId} is there already, for ${adopted.project}.` };
      deps.tellStaff();
      return { answer: `Order ${adopted.orderId} was made for the project ${adopted.project}. ${start}` };
    }),
  };
}

async function stoppedRun(db: Database, subscriptionId: number): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(
    `select id from runs where subscription_id = $1 and status = 'needs_attention' order by created_at limit 1`,
    [subscriptionId],
  );
  return rows[0]?.id;
}

const day = (at: Date): string => at.toISOString().slice(0, 10);

const nothingStopped = () =>
  new ConnectorError({
    kind: 'conflict',
    code: 'run_not_stopped',
    message: 'Nothing of this subscription has stopped: there is nothing to retry.',
    advice: 'A run that waits goes on by itself.',
  });
