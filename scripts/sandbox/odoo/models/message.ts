/** Chatter and mail. */
import { randomUUID } from 'node:crypto';
import { accessError } from '../errors.ts';
import {
  boolean,
  char,
  datetime,
  html,
  many2many,
  many2one,
  reference,
  selection,
  text,
} from '../orm/fields.ts';
import { groupId, groupsOf } from '../orm/groups.ts';
import type { ModelSource } from '../orm/registry.ts';
import { toDatetime } from '../orm/time.ts';
import type { Env, Vals } from '../orm/types.ts';
import { isInternal, nameOfTarget } from './document.ts';

export const message: ModelSource = {
  name: 'mail.message',
  description: 'Message',
  module: 'mail',
  order: 'id desc',
  recName: 'record_name',
  fields: {
    subject: char('Subject'),
    date: datetime('Date', { defaultOf: (env) => toDatetime(env.erp.now()) }),
    body: html('Contents'),
    message_type: selection(
      'Type',
      [
        ['email', 'Incoming Email'],
        ['comment', 'Comment'],
        ['notification', 'System notification'],
        ['auto_comment', 'Automated Targeted Notification'],
        ['user_notification', 'User Specific Notification'],
      ],
      { required: true, defaultValue: 'comment' },
    ),
    subtype_id: many2one('Subtype', 'mail.message.subtype'),
    author_id: many2one('Author', 'res.partner'),
    email_from: char('From'),
    model: char('Related Document Model'),
    res_id: reference('Related Document ID'),
    record_name: char('Message Record Name', {
      readonly: true,
      compute: (env, row) => nameOfTarget(env, row.model, row.res_id),
    }),
    partner_ids: many2many('Recipients', 'res.partner'),
    attachment_ids: many2many('Attachments', 'ir.attachment'),
    is_internal: boolean('Employee Only'),
    message_id: char('Message-Id', { readonly: true, index: true }),
  },
  hooks: {
    creating(env, vals) {
      const author = vals.author_id || partnerOf(env) || false;
      return { ...vals, author_id: author, message_id: vals.message_id || newMessageId(env, vals) };
    },
    created(env, row) {
      const target = typeof row.model === 'string' ? env.erp.registry.find(row.model) : undefined;
      if (target === undefined || row.res_id === false) return;
      if (env.erp.tables.get(target.name, Number(row.res_id)) === undefined)
        throw accessError('The requested operation cannot be completed: the document is not there.');
    },
    writing(env, _row, vals) {
      // Seen on 19: a message loaded a second time is refused, though nothing about it changes.
      const moves = 'model' in vals || 'res_id' in vals;
      if (moves && env.erp.version === 19 && !env.su && !isAdministrator(env))
        throw accessError("Only administrators can modify 'model' and 'res_id' fields.");
      return vals;
    },
    rule: (env, row) => isInternal(env) || row.author_id === partnerOf(env),
  },
};

const isAdministrator = (env: Env) => groupsOf(env.erp, env.uid).has(groupId(env.erp, 'base.group_system'));

/** As a mail server would make it. */
const newMessageId = (env: Env, vals: Vals) =>
  `<${randomUUID()}-${env.erp.now().getTime()}-openerp-${vals.res_id || 0}-${vals.model || 'private'}@sandbox>`;

const partnerOf = (env: Env) => env.erp.tables.get('res.users', env.uid)?.partner_id;

/** Mail on its way out. The sandbox's ERP sends none, so that set-up without invitations can be seen. */
export const outgoingMail: ModelSource = {
  name: 'mail.mail',
  description: 'Outgoing Mails',
  module: 'mail',
  order: 'id desc',
  recName: 'subject',
  fields: {
    subject: char('Subject'),
    email_to: text('To'),
    body_html: html('Body'),
    state: selection(
      'Status',
      [
        ['outgoing', 'Outgoing'],
        ['sent', 'Sent'],
        ['exception', 'Delivery Failed'],
      ],
      {
        readonly: true,
        defaultValue: 'outgoing',
      },
    ),
  },
};

export const subtype: ModelSource = {
  name: 'mail.message.subtype',
  description: 'Message subtypes',
  module: 'mail',
  fields: {
    name: char('Message Type', { required: true }),
    internal: boolean('Internal Only'),
    default: boolean('Default', { defaultValue: true }),
  },
};
