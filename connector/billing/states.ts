/** The gate of our own access states; Stripe's statuses are mirrored elsewhere and never refused. */
import type { Tx } from '../db/database.ts';

export type Access = 'none' | 'provisioning' | 'provisioned' | 'suspended' | 'deprovisioned';

// From which states each may be entered. What is not listed is refused, so that nothing revives by accident.
const ALLOWED: Readonly<Record<Access, readonly Access[]>> = {
  none: [],
  provisioning: ['none', 'deprovisioned'],
  provisioned: ['provisioning', 'suspended'],
  suspended: ['provisioned'],
  deprovisioned: ['provisioned', 'suspended', 'provisioning'],
};

/** Moves a subscription's access and raises its version. @returns `already` changes nothing, `refused` neither */
export async function moveAccess(
  tx: Tx,
  input: { subscriptionId: number; to: Access },
): Promise<'changed' | 'already' | 'refused'> {
  const moved = await tx.query(
    `update subscriptions set access = $2, version = version + 1, updated_at = now()
      where id = $1 and access = any($3::text[])`,
    [input.subscriptionId, input.to, ALLOWED[input.to]],
  );
  if (moved.rowCount === 1) return 'changed';
  const now = await tx.query<{ access: Access }>('select access from subscriptions where id = $1', [
    input.subscriptionId,
  ]);
  return now.rows[0]?.access === input.to ? 'already' : 'refused';
}
