/** What the chatter says of a run that was left for a person, and of one that came to its end after that. */
import { html } from '../crm/html.ts';
import type { StoryNote } from '../crm/story-notes.ts';
import type { Tx } from '../db/database.ts';
import type { RunCause } from './execute-run.ts';
import { howToRetry } from './how-to-retry.ts';
import type { RunRow } from './ledger.ts';
import { stepTitle } from './run-plans.ts';

/** Each stop is told: a run that was retried may stop again, elsewhere or for another cause. */
export async function stoppedNote(tx: Tx, run: RunRow, cause: RunCause): Promise<StoryNote> {
  const { rows } = await tx.query<{ stops: number; orderId: number | null }>(
    `update runs r set stops = stops + 1 from subscriptions s
      where r.id = $1 and s.id = r.subscription_id returning r.stops, s.order_id as "orderId"`,
    [run.id],
  );
  const { stops, orderId } = rows[0]!;
  const lines = [cause.message, cause.advice, await howToRetry(tx, run)];
  return {
    subscriptionId: run.subscriptionId,
    orderId,
    key: `run_${run.id}_stopped_${stops}`,
    html: `${html`<p><b>Failed at “${stepTitle(run.kind, cause.step)}”</b> (${cause.step ?? '?'}, run “${run.kind}”)</p>`}${lines
      .filter((line) => typeof line === 'string')
      .map((line) => html`<p>${line}</p>`)
      .join('')}`,
  };
}

/** @returns undefined for a run that never stopped: it has nothing to recover from */
export async function recoveredNote(tx: Tx, run: RunRow): Promise<StoryNote | undefined> {
  const { rows } = await tx.query<{ stops: number; orderId: number | null }>(
    `select r.stops, s.order_id as "orderId" from runs r join subscriptions s on s.id = r.subscription_id
      where r.id = $1 and r.stops > 0`,
    [run.id],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const times = row.stops === 1 ? 'once' : `${row.stops} times`;
  return {
    subscriptionId: run.subscriptionId,
    orderId: row.orderId,
    key: `run_${run.id}_recovered`,
    html: html`<p><b>Recovered</b>: the run “${run.kind}” has come to its end after it had stopped ${times}.</p>`,
  };
}
