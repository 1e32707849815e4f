/** Activities that are done. */
import { escapeHtml } from '../html/sanitize.ts';
import { resolveXmlid } from '../orm/external-ids.ts';
import { toDate } from '../orm/time.ts';
import { type Env, sudo } from '../orm/types.ts';
import { unlink } from '../orm/unlink.ts';
import { postMessage } from './thread.ts';

/** Marks activities done: a note in the chatter says so, and they leave the list. Returns the last note's id. */
export function finish(env: Env, ids: readonly number[], feedback: unknown): number | false {
  let last: number | false = false;
  for (const id of ids) {
    const row = env.erp.tables.get('mail.activity', id);
    if (row === undefined) continue;
    const type = env.erp.tables.get('mail.activity.type', Number(row.activity_type_id));
    const model = env.erp.registry.get(String(row.res_model));
    last = postMessage(env, model, Number(row.res_id), {
      body:
        `<div><p><span class="fa fa-check fa-fw"></span><span>${escapeHtml(String(type?.name ?? ''))}</span> done` +
        `<span>: </span><span>${escapeHtml(row.summary ? String(row.summary) : '')}</span></p>` +
        (row.note
          ? `<div class="o_mail_note_title fw-bold">Original note:</div><div>${row.note}</div>`
          : '') +
        (feedback ? `<div><div class="fw-bold">Feedback:</div>${escapeHtml(String(feedback))}</div>` : '') +
        '</div>',
      messageType: 'notification',
      subtype: resolveXmlid(env.erp, 'mail.mt_activities')?.id ?? false,
    });
    const activities = env.erp.registry.get('mail.activity');
    if (activities.fields.has('date_done'))
      env.erp.tables.put('mail.activity', { ...row, active: false, date_done: toDate(env.erp.now()) });
    else unlink(sudo(env), activities, [id]);
  }
  return last;
}
