/** What happened to a sale is told on both its records: the opportunity and the subscription. */
import type { Sql } from '../db/database.ts';
import { externalId } from './ids.ts';
import type { OdooMapping } from './mapping.ts';
import { leaveNote } from './note-rows.ts';

export interface StoryNote {
  readonly subscriptionId: number;
  /** null: no order of ours, so no opportunity either. */
  readonly orderId: number | null;
  /** What is told: each once. */
  readonly key: string;
  readonly html: string;
}

export async function leaveNotes(sql: Sql, mapping: OdooMapping, note: StoryNote): Promise<void> {
  const { opportunity, subscription } = mapping.records;
  const { key, html } = note;
  if (note.orderId !== null) {
    const record = externalId.opportunity(note.orderId);
    await leaveNote(sql, { record, model: opportunity.model, key, html });
  }
  const record = externalId.subscription(note.subscriptionId);
  await leaveNote(sql, { record, model: subscription.model, key, html });
}
