/** Calls of the billing API by one customer, unless another one is named. */
import { type Answer, type BillingScene, startBilling } from './scene.ts';

export type Json = Record<string, unknown>;
export type Customer = Awaited<ReturnType<BillingScene['customer']>>;
export type Call = (
  method: string,
  path: string,
  input?: {
    readonly body?: unknown;
    /** Idempotency-Key. */
    readonly key?: string;
    readonly by?: Customer;
  },
) => Promise<Answer<Json>>;

/** Stop the scene with its `stop()`. */
export async function startByCustomer(): Promise<{ scene: BillingScene; customer: Customer; call: Call }> {
  const scene = await startBilling();
  const customer = await scene.customer();
  const call: Call = (method, path, { body, key, by = customer } = {}) =>
    scene.call<Json>(method, path, {
      token: by.token,
      ...(body !== undefined && { body }),
      ...(key !== undefined && { headers: { 'idempotency-key': key } }),
    });
  return { scene, customer, call };
}
