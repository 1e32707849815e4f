/** What the chatter says when one of these runs is done. */
import { html } from '../../crm/html.ts';
import type { StoryNote } from '../../crm/story-notes.ts';
import type { Tx } from '../../db/database.ts';
import type { RunRow } from '../ledger.ts';
import type { RunKind } from '../step-plan.ts';

const SAID: Readonly<Partial<Record<RunKind, string>>> = {
  suspend: 'Access suspended: the storage key reads only.',
  restore: 'Access restored: storage key, users and workspace.',
  deprovision: 'Access is read-only.',
  archive_access: 'Access has ended: users archived, storage keys revoked.',
  announce_deletion: 'The customer was told when the data will be deleted.',
  delete_data: 'The data are deleted.',
};

/** @returns undefined: the run tells for itself, or nothing */
export async function lifecycleNote(tx: Tx, run: RunRow): Promise<StoryNote | undefined> {
  const said = SAID[run.kind];
  if (said === undefined) return undefined;
  const { rows } = await tx.query<{ orderId: number | null; due: Date | null }>(
    `select s.order_id as "orderId", (select min(due_at) from lifecycle_stages l where l.subscription_id = s.id
        and done_at is null and cancelled is null) as due from subscriptions s where s.id = $1`,
    [run.subscriptionId],
  );
  const { orderId, due } = rows[0]!;
  const next = due === null ? '' : html` Next on ${due.toISOString().slice(0, 10)}.`;
  return {
    subscriptionId: run.subscriptionId,
    orderId,
    key: `run_${run.id}_lifecycle`,
    html: `<p>${html`<b>${said}</b>`}${next}</p>`,
  };
}
