/** Odoo's webhook action: an unsigned POST of the record's id, waited for a second, its failure logged and forgotten. */
import type { Erp, Row } from '../orm/types.ts';

const WITHIN_MS = 1000;

/** Leaves before the answer of the call that caused it, and after that call's commit. */
export function sendWebhook(erp: Erp, action: Row, record: { model: string; id: number }): void {
  const body = JSON.stringify({
    _action: `${action.name}(#${action.id})`,
    _id: record.id,
    _model: record.model,
  });
  // Calls run to their end without a pause, so that this waits for the commit.
  const sent = Promise.resolve().then(async () => {
    const response = await fetch(String(action.webhook_url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    await response.arrayBuffer();
  });
  erp.underWay.push(sent.catch(() => {}));
}
