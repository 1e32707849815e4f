/** What each wish of a customer asks of the connector and of Stripe, as they would: checkout, our commands, their card. */
import { cancel } from '../../../connector/billing/commands/cancel.ts';
import { confirmChange } from '../../../connector/billing/commands/confirm-change.ts';
import { createSubscription } from '../../../connector/billing/commands/create.ts';
import { pause, resume } from '../../../connector/billing/commands/pause.ts';
import { type PayInvoiceDeps, payInvoice } from '../../../connector/billing/commands/pay-invoice.ts';
import { type PlanDeps, previewChange } from '../../../connector/billing/commands/preview-change.ts';
import { reactivate } from '../../../connector/billing/commands/reactivate.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { World } from '../../../scripts/sandbox/world.ts';
import { checkout, draft } from '../../support/connector.ts';
import type { Command } from './life.ts';

const GOOD_CARD = '4242424242424242';
const DECLINES_LATER = '4000000000000341';

export interface Customer {
  readonly seed: number;
  /** As the proxy tells it: each has a limit of their own. */
  readonly address: string;
  /** null: has not subscribed yet. */
  id: string | null;
  contact: string;
}

export interface Hands {
  readonly world: World;
  readonly url: string;
  readonly deps: PlanDeps & PayInvoiceDeps;
  issueToken(organisationId: number): Promise<string>;
}

interface Newest {
  readonly id: number;
  readonly providerId: string;
  readonly organisationId: number;
  readonly projectId: number;
}

/**
 * Each wish concerns the customer's newest subscription.
 * @returns false: there is nothing this could concern (not here yet: its events were lost)
 * @throws ConnectorError what the connector answers
 */
export async function carryOut(
  hands: Hands,
  customer: Customer,
  wish: { command: Command; round: number },
): Promise<boolean> {
  const { command, round } = wish;
  if (command.kind === 'subscribe') return subscribe(hands, customer, command);
  const newest = await newestOf(hands, customer);
  if (newest === undefined) return false;
  const { deps, world } = hands;
  const { stripe } = world.systems;
  const input = { subscriptionId: newest.id };
  switch (command.kind) {
    case 'second':
      return subscribe(hands, customer, command, await hands.issueToken(newest.organisationId));
    case 'come_back':
      await createSubscription(deps, {
        customerId: customer.id!,
        wanted: { planKey: command.plan, interval: command.interval },
        setup: false,
        projectId: newest.projectId,
        requestId: `life_${customer.seed}_${round}`,
      });
      return true;
    case 'change': {
      const { token } = await previewChange(deps, {
        ...input,
        planKey: command.plan,
        interval: command.interval,
      });
      await confirmChange(deps, { ...input, token });
      return true;
    }
    case 'card_fails':
      stripe.replaceCard(newest.providerId, DECLINES_LATER);
      return true;
    case 'pay': {
      stripe.replaceCard(newest.providerId, GOOD_CARD);
      const open = stripe
        .invoices()
        .filter((each) => each.status === 'open' && each.customer === customer.id);
      for (const { id } of open) await payInvoice(deps, { invoiceId: id, customerId: customer.id! });
      return true;
    }
    case 'cancel_at_period_end':
      await cancel(deps, { ...input, when: 'period_end' });
      return true;
    case 'cancel_now':
      await cancel(deps, { ...input, when: 'now' });
      return true;
    case 'reactivate':
      await reactivate(deps, input);
      return true;
    case 'pause':
      await pause(deps, input);
      return true;
    case 'resume':
      await resume(deps, input);
      return true;
  }
}

async function newestOf({ deps }: Hands, { id }: Customer): Promise<Newest | undefined> {
  const { rows } = await deps.db.query<Newest>(
    `select id, provider_id as "providerId", organisation_id as "organisationId", project_id as "projectId"
       from subscriptions where customer_id = $1 and project_id is not null order by created desc, id desc limit 1`,
    [id],
  );
  return rows[0];
}

async function subscribe(
  { url, world }: Hands,
  customer: Customer,
  { plan, interval }: { plan: string; interval: 'month' | 'year' },
  token?: string,
): Promise<boolean> {
  const { stripe } = world.systems;
  const { organisation, ...order } = draft({ plan, interval });
  const body = token === undefined ? { organisation, ...order } : order;
  const reply = await checkout(url, body, {
    'x-forwarded-for': customer.address,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  });
  if (reply.status !== 201)
    throw new ConnectorError({
      kind: reply.status < 500 ? 'permanent' : 'retryable',
      code: String(reply.body.code ?? reply.status),
      message: `checkout answered ${reply.status} ${JSON.stringify(reply.body)}`,
    });
  const session = stripe.sessions().find(({ id }) => id === reply.body.session_id)!;
  customer.id = String(session.customer);
  if (token === undefined) customer.contact = (organisation as { contact_email: string }).contact_email;
  stripe.payCheckout(session.id);
  return true;
}
