/** Whether a subscription is over for good. */
const ENDED: ReadonlySet<string> = new Set(['canceled', 'incomplete_expired']);

export function hasEnded(subscription: { readonly status: string; readonly endedAt: Date | null }): boolean {
  return ENDED.has(subscription.status) || subscription.endedAt !== null;
}
