/** What each wish of a customer asks, as they would: the checkout, the billing API with their token, their card. */
import type { Database } from '../../../connector/db/database.ts';
import type { World } from '../../../scripts/sandbox/world.ts';
import { draft } from '../../support/connector.ts';
import { askBilling } from './ask-billing.ts';
import type { Customer } from './customer.ts';
import type { Command } from './life.ts';

const GOOD_CARD = '4242424242424242';
const DECLINES_LATER = '4000000000000341';

export interface Hands {
  readonly world: World;
  readonly db: Database;
  readonly url: string;
  issueToken(organisationId: number): Promise<string>;
}

interface Newest {
  readonly id: number;
  readonly providerId: string;
  readonly organisationId: number;
  readonly projectId: number;
  readonly code: string;
}

/** @param wish.key names it: asked again without an answer, it is the same wish */
export interface Wish {
  readonly command: Command;
  readonly key: string;
  readonly tries: number;
}

/**
 * Each wish concerns the customer's newest subscription.
 * @returns false: there is nothing this could concern (not here yet: its events were lost)
 * @throws Refused what the connector answers
 */
export async function carryOut(hands: Hands, customer: Customer, wish: Wish): Promise<boolean> {
  const { command } = wish;
  if (command.kind === 'subscribe') return subscribe(hands, customer, { ...wish, command });
  const newest = await newestOf(hands, customer);
  if (newest === undefined) return false;
  const { stripe } = hands.world.systems;
  const token = await hands.issueToken(newest.organisationId);
  const subscription = String(newest.id);
  const ask = (path: string, body: object, key = wish.key) =>
    askBilling(hands.url, customer, { path, body, key, token });
  switch (command.kind) {
    case 'second':
      return subscribe(hands, customer, { ...wish, command }, token);
    case 'come_back': {
      const { plan, interval } = command;
      const made = await ask('/subscription', {
        plan_key: plan,
        interval,
        project: String(newest.projectId),
      });
      customer.places = customer.places.map((each) =>
        each.code === newest.code
          ? { ...each, subscriptions: [...each.subscriptions, String(made.provider_id)] }
          : each,
      );
      return true;
    }
    case 'change': {
      const { plan, interval } = command;
      const key = `${wish.key}-${wish.tries}`;
      const preview = await ask(
        '/change-tier/preview',
        { subscription, plan_key: plan, interval },
        `${key}-preview`,
      );
      await ask('/change-tier', { subscription, token: preview.token }, key);
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
      for (const { id } of open) await ask(`/invoices/${id}/pay`, {}, `${wish.key}-${id}`);
      return true;
    }
    case 'cancel_at_period_end':
      await ask('/cancel', { subscription, when: 'period_end' });
      return true;
    case 'cancel_now':
      await ask('/cancel', { subscription, when: 'now' });
      return true;
    case 'reactivate':
    case 'pause':
    case 'resume':
      await ask(`/${command.kind}`, { subscription });
      return true;
  }
}

async function newestOf({ db }: Hands, { id }: Customer): Promise<Newest | undefined> {
  const { rows } = await db.query<Newest>(
    `select s.id, s.provider_id as "providerId", s.organisation_id as "organisationId", p.id as "projectId", p.code
       from subscriptions s join projects p on p.id = s.project_id
      where s.customer_id = $1 order by s.created desc, s.id desc limit 1`,
    [id],
  );
  return rows[0];
}

async function subscribe(
  hands: Hands,
  customer: Customer,
  wish: Wish & { command: Extract<Command, { plan: unknown }> },
  token?: string,
): Promise<boolean> {
  const { stripe } = hands.world.systems;
  const { plan, interval } = wish.command;
  const code = `L${customer.seed}-${customer.places.length + 1}`;
  const project = `Tower ${code}`;
  const { organisation, ...order } = draft({ plan, interval, project: { name: project, code } });
  const body = token === undefined ? { organisation, ...order } : order;
  // Nobody pays twice: without an answer there is no page to pay at, and who begins anew is a new wish.
  const key = `${wish.key}-${wish.tries}`;
  const reply = await askBilling(hands.url, customer, { path: '/checkout', body, key, token });
  stripe.payCheckout(String(reply.session_id));
  const session = stripe.sessions().find(({ id }) => id === reply.session_id)!;
  customer.id = String(session.customer);
  if (token === undefined) customer.contact = (organisation as { contact_email: string }).contact_email;
  const logins = (order.stakeholders as { email: string }[]).map(({ email }) => email);
  customer.places = [
    ...customer.places,
    { project, code, logins, subscriptions: [String(session.subscription)] },
  ];
  return true;
}
