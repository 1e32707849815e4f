/** A button of staff: leaves a request in the name of whoever pressed it, tells the connector, and shows it. */
import { randomUUID } from 'node:crypto';
import { create } from '../orm/create.ts';
import { displayName } from '../orm/display-name.ts';
import { resolveXmlid } from '../orm/external-ids.ts';
import { readRecords } from '../orm/read.ts';
import { toDatetime } from '../orm/time.ts';
import { type Row, sudo } from '../orm/types.ts';
import type { ButtonHandler } from './handler.ts';
import { sendWebhook } from './webhook.ts';

const MODEL = 'x_stripe_request';

export const request: ButtonHandler = ({ env, records, argument, code }) => {
  const { erp } = env;
  const [record] = records;
  const link = /\('(x_\w+_id)', '=', record\.id\)/.exec(code)![1]!;
  const label = /'x_name': '(.*): ' \+/.exec(code)![1]!;
  const model = erp.registry.get(erp.registry.get(MODEL).fields.get(link)!.relation!);
  // Refused to those who may not read the record.
  readRecords(env, model, { ids: [record!.id], fields: ['display_name'], load: undefined });
  const waiting = [...erp.tables.all(MODEL)].filter(
    (row) => row[link] === record!.id && row.x_state === 'waiting',
  );
  const last = waiting.at(-1);
  const row =
    last?.x_action === argument
      ? last
      : create(sudo(env), erp.registry.get(MODEL), {
          x_name: `${label}: ${displayName(env, model, record!)}`,
          x_request: randomUUID(),
          x_action: argument,
          [link]: record!.id,
          x_asker_id: env.uid,
          x_asked_at: toDatetime(erp.now()),
          x_state: 'waiting',
        });
  const nudge = resolveXmlid(erp, 'stripe_connector.action_request_nudge');
  if (nudge !== undefined)
    sendWebhook(erp, erp.tables.get('ir.actions.server', nudge.id)!, { model: MODEL, id: row.id });
  return showing(label, row);
};

/** The form of a request in a dialog. */
export const showing = (name: string, row: Row): Record<string, unknown> => ({
  type: 'ir.actions.act_window',
  name,
  res_model: MODEL,
  res_id: row.id,
  view_mode: 'form',
  views: [[false, 'form']],
  target: 'new',
});
