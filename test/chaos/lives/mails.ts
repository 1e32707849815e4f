/** The rule of facts, by raw deliveries: one mail for one fact; after a kill at most one copy more. */
import type { Database } from '../../../connector/db/database.ts';
import type { World } from '../../../scripts/sandbox/world.ts';
import type { Customer } from './carry-out.ts';

export async function mailsWrong(input: {
  world: World;
  db: Database;
  kills: number;
}): Promise<(customer: Customer) => Promise<string[]>> {
  const { world, db, kills } = input;
  const { stripe } = world.systems;
  const deliveries = await world.systems.mail.deliveries();

  return async ({ id, contact }) => {
    const mine = deliveries.filter(({ to }) => to.includes(contact));
    const copies = new Map<string, number>();
    for (const { messageId } of mine) copies.set(messageId, (copies.get(messageId) ?? 0) + 1);
    const wrong = [...copies]
      .filter(([, count]) => count > (kills > 0 ? 2 : 1))
      .map(([messageId, count]) => `mail ${messageId} came ${count} times`);
    const { rows } = await db.query<{ messageId: string; template: string; fact: string }>(
      'select message_id as "messageId", template, fact from mails where recipient = $1',
      [contact],
    );
    const known = new Set(rows.map(({ messageId }) => messageId));
    wrong.push(
      ...[...copies.keys()].filter((each) => !known.has(each)).map((each) => `mail ${each} of no fact`),
    );
    // Facts as Stripe tells them; mails of different Message-IDs about one of them are too many as well.
    const subscriptions = stripe.subscriptions().filter((each) => each.customer === id);
    const ended = subscriptions.filter(({ status }) => status === 'canceled').length;
    const failed = new Set(
      stripe
        .events()
        .filter(({ type }) => type === 'invoice.payment_failed')
        .map(({ data }) => data.object as { id: string; customer: string })
        .filter(({ customer }) => customer === id)
        .map((invoice) => invoice.id),
    ).size;
    const most: Readonly<Record<string, number>> = {
      received: subscriptions.length,
      welcome: subscriptions.length,
      'access-read-only': ended,
      'access-ends': ended,
      'data-will-be-deleted': ended,
      'payment-failed': 2 * failed,
      'last-warning': failed,
      suspended: failed,
      recovered: failed,
    };
    const sent = (template: string): number =>
      rows.filter((row) => row.template === template && copies.has(row.messageId)).length;
    for (const [template, limit] of Object.entries(most))
      if (sent(template) > limit) wrong.push(`${sent(template)} mails ${template} for ${limit} facts`);
    const provisioned = await db.query(
      `select 1 from runs r join subscriptions s on s.id = r.subscription_id
        where s.customer_id = $1 and r.kind = 'provision' and r.status = 'done'`,
      [id],
    );
    if (sent('welcome') < provisioned.rowCount)
      wrong.push(`${sent('welcome')} welcomes for ${provisioned.rowCount} projects`);
    return wrong;
  };
}
