/** The checkout API as a caller sees it, with what Stripe and our tables have of its orders. */
import { orderBody, startFront } from '../support/front.ts';

export type CheckoutScene = Awaited<ReturnType<typeof startCheckout>>;

/** A fresh Idempotency-Key. */
export const key = () => `key-${crypto.randomUUID()}`;

/** Where a problem document finds fault, in its order. */
export const pointers = (body: { errors?: readonly { readonly pointer: string }[] }): string[] =>
  body.errors!.map(({ pointer }) => pointer);

/** Stop it with `stop()`. */
export async function startCheckout() {
  const front = await startFront({ trialDays: 0 });
  const sessions = () => front.world.systems.stripe.sessions();
  return {
    ...front,
    /** Rows of a table. */
    count: async (table: string) =>
      (await front.db.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows[0]!.n,
    /** A session as Stripe has it. */
    session: (id: unknown) => sessions().find((one) => one.id === id)!,
    openSessions: (orderId: string) =>
      sessions().filter(({ metadata, status }) => metadata!.order_id === orderId && status === 'open'),
    /** A paid order, brought in step, as `order` token. */
    async paidOrder() {
      const { body } = await front.post(orderBody());
      front.pay(body.session_id);
      const customerId = await front.sync(body.session_id);
      return { token: body.order, customerId, sessionId: body.session_id };
    },
  };
}
