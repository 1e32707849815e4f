/** Methods of models with chatter. */
import { escapeHtml, sanitizeHtml, textBody } from '../html/sanitize.ts';
import { checkAccess } from '../orm/access.ts';
import { create } from '../orm/create.ts';
import { resolveXmlid } from '../orm/external-ids.ts';
import { type Call, type Env, type Method, type Model, sudo } from '../orm/types.ts';
import { existing } from '../orm/write.ts';
import { finish } from './activities.ts';

/** Recordset results differ by version: a list in 19, before it an id (messages) or Python's own notation (the rest). */
export function returned(env: Env, model: string, ids: readonly number[]): unknown {
  if (env.erp.version === 19) return ids;
  return model === 'mail.message' ? ids[0] : `${model}(${ids.join(', ')}${ids.length === 1 ? ',' : ''})`;
}

interface Note {
  readonly body: string;
  readonly messageType: string;
  readonly subtype: number | false;
  readonly subject?: unknown;
  readonly messageId?: unknown;
  readonly partnerIds?: readonly number[];
  readonly attachmentIds?: readonly number[];
}

/** Adds a message whose body is HTML already, and returns its id. */
export function postMessage(env: Env, model: Model, id: number, note: Note): number {
  const author = env.erp.tables.get('res.users', env.uid)?.partner_id ?? false;
  const from = env.erp.tables.get('res.partner', Number(author));
  const row = create(sudo(env), env.erp.registry.get('mail.message'), {
    model: model.name,
    res_id: id,
    body: note.body,
    message_type: note.messageType,
    subtype_id: note.subtype,
    author_id: author,
    email_from: from?.email ? `"${from.name}" <${from.email}>` : false,
    subject: note.subject ?? false,
    message_id: note.messageId || false,
    partner_ids: [[6, 0, note.partnerIds ?? []]],
    attachment_ids: [[6, 0, note.attachmentIds ?? []]],
  });
  for (const attachmentId of note.attachmentIds ?? []) adopt(env, model, id, attachmentId);
  return row.id;
}

/** Files sent with a message belong to its record. */
function adopt(env: Env, model: Model, id: number, attachmentId: number): void {
  const row = env.erp.tables.get('ir.attachment', attachmentId);
  if (row !== undefined && row.res_model === 'mail.compose.message')
    env.erp.tables.put('ir.attachment', { ...row, res_model: model.name, res_id: id });
}

/** The first entry of a record's chatter. */
export function postCreated(env: Env, model: Model, id: number): void {
  if (env.context.mail_create_nolog === true || env.context.tracking_disable === true) return;
  const isLead = model.name === 'crm.lead';
  postMessage(env, model, id, {
    body: isLead
      ? '<div summary="o_mail_notification"><p>A new lead has been created for the team "Sales".</p></div>'
      : `<p>${escapeHtml(model.description)} created</p>`,
    messageType: 'notification',
    subtype: subtypeOf(env, isLead ? 'crm.mt_lead_create' : 'mail.mt_note'),
  });
}

const subtypeOf = (env: Env, xmlid: unknown) =>
  resolveXmlid(env.erp, typeof xmlid === 'string' && xmlid !== '' ? xmlid : 'mail.mt_note')?.id ?? false;

function messagePost({ env, model, ids, args }: Call): unknown {
  checkAccess(env, model, 'read');
  const [id] = ids;
  const row = existing(env, model, Number(id));
  const body = args.body ? String(args.body) : '';
  const messageId = postMessage(env, model, row.id, {
    body: args.body_is_html === true ? sanitizeHtml(body) : textBody(body),
    messageType: String(args.message_type ?? 'notification'),
    subtype: subtypeOf(env, args.subtype_xmlid),
    subject: args.subject,
    messageId: args.message_id,
    partnerIds: (args.partner_ids as number[] | undefined) ?? [],
    attachmentIds: (args.attachment_ids as number[] | undefined) ?? [],
  });
  return returned(env, 'mail.message', [messageId]);
}

function activitySchedule({ env, model, ids, args }: Call): unknown {
  const type = resolveXmlid(env.erp, String(args.act_type_xmlid || 'mail.mail_activity_data_todo'))?.id;
  const made = ids.map((id) => {
    existing(env, model, id);
    return create(env, env.erp.registry.get('mail.activity'), {
      res_model_id: env.erp.tables.first('ir.model', 'model', model.name)?.id ?? false,
      res_id: id,
      activity_type_id: args.activity_type_id ?? type ?? false,
      summary: args.summary ?? false,
      note: args.note ?? false,
      ...(args.date_deadline ? { date_deadline: args.date_deadline } : {}),
      ...(args.user_id ? { user_id: args.user_id } : {}),
    }).id;
  });
  return returned(env, 'mail.activity', made);
}

/** Open activities of these records, of the types named. */
function activitiesOf({ env, model, ids, args }: Call): number[] {
  const types = ((args.act_type_xmlids as string[] | undefined) ?? []).map(
    (xmlid) => resolveXmlid(env.erp, xmlid)?.id,
  );
  return [...env.erp.tables.all('mail.activity')]
    .filter((row) => row.res_model === model.name && ids.includes(Number(row.res_id)) && row.active !== false)
    .filter((row) => types.includes(Number(row.activity_type_id)))
    .map((row) => row.id);
}

export const THREAD_METHODS: Readonly<Record<string, Method>> = {
  message_post: {
    params: [
      'body',
      'subject',
      'message_type',
      'email_from',
      'author_id',
      'parent_id',
      'subtype_xmlid',
      'subtype_id',
      'partner_ids',
      'attachments',
      'attachment_ids',
      'body_is_html',
      'message_id',
    ],
    run: messagePost,
  },
  message_subscribe: { params: ['partner_ids', 'subtype_ids'], run: () => true },
  message_unsubscribe: { params: ['partner_ids'], run: () => undefined },
  activity_schedule: {
    params: ['act_type_xmlid', 'date_deadline', 'summary', 'note', 'user_id', 'activity_type_id'],
    run: activitySchedule,
  },
  activity_feedback: {
    params: ['act_type_xmlids', 'user_id', 'feedback'],
    required: 1,
    run(call) {
      finish(call.env, activitiesOf(call), call.args.feedback);
      return true;
    },
  },
  activity_unlink: {
    params: ['act_type_xmlids', 'user_id'],
    required: 1,
    run(call) {
      for (const id of activitiesOf(call)) call.env.erp.tables.remove('mail.activity', id);
      return true;
    },
  },
};
