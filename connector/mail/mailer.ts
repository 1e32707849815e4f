/** Mail over SMTP: one mail for one fact, at least once, always under the same Message-ID. */
import { createHash } from 'node:crypto';
import nodemailer from 'nodemailer';
import type { Database } from '../db/database.ts';
import type { Log } from '../log.ts';
import type { Mailer } from '../provisioning/ports.ts';
import { headerText, recipient, sender } from './address.ts';
import { classifySmtp } from './errors.ts';
import type { Templates } from './templates.ts';

export interface SmtpMailer extends Mailer {
  /** Logs in and out; for the doctor. @throws ConnectorError classified */
  verify(): Promise<void>;
  close(): void;
}

const DEFAULT_TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 60_000 };

const timeoutsOf = (ms: number) => ({ connectionTimeout: ms, greetingTimeout: ms, socketTimeout: ms });

const POOL = {
  pool: true as const,
  maxConnections: 4,
  // Servers close idle connections after a minute or more; we close first, so that none dies under a mail.
  idleTimeout: 20_000,
  // nodemailer would send a mail again by itself after a break, also when it had been taken: ours to decide.
  maxRequeues: 0,
};

/** @param settings.smtpUrl `smtp(s)://user:password@host:port`; STARTTLS is used when the server offers it */
export function createMailer(settings: {
  db: Database;
  smtpUrl: string;
  from: string;
  templates: Templates;
  log: Log;
  now: () => Date;
  /** Milliseconds for connecting, for the greeting and for each answer; for tests. */
  timeoutMs?: number | undefined;
}): SmtpMailer {
  const { db, templates, log, now } = settings;
  const from = sender(settings.from);
  const transport = nodemailer.createTransport({
    url: settings.smtpUrl,
    ...POOL,
    ...(settings.timeoutMs === undefined ? DEFAULT_TIMEOUTS : timeoutsOf(settings.timeoutMs)),
    disableFileAccess: true,
    disableUrlAccess: true,
  });

  return {
    async send({ fact, to, template, locale, data, attachments }) {
      const messageId = messageIdOf(fact, from.domain);
      const address = recipient(to);
      const rendered = templates.render({ template, locale, data });
      const subject = headerText(rendered.subject, 200);
      const row = { messageId, fact, template, locale: rendered.locale, recipient: address.address, subject };
      const names = (attachments ?? []).map((file) => headerText(file.fileName, 150));
      const before = await remember(db, { ...row, attachments: names });
      if (before.status === 'sent') return { messageId, sent: false, attached: before.attachments };
      try {
        await transport.sendMail({
          messageId,
          from: { name: from.name, address: from.address },
          to: address,
          // One recipient whatever the headers say.
          envelope: { from: from.address, to: address.address },
          subject,
          text: rendered.text,
          html: rendered.html,
          // RFC 3834: no out-of-office replies, please.
          headers: { 'Auto-Submitted': 'auto-generated' },
          date: now(),
          attachments: (attachments ?? []).map((file) => ({
            filename: headerText(file.fileName, 150),
            contentType: file.contentType,
            content: Buffer.from(file.content),
          })),
        });
      } catch (thrown) {
        throw classifySmtp(thrown);
      }
      await db.query(`update mails set status = 'sent', sent_at = $2 where fact = $1`, [fact, now()]);
      log.info({ fact, template, messageId }, 'mail sent');
      return { messageId, sent: true, attached: names };
    },
    async verify() {
      try {
        await transport.verify();
      } catch (thrown) {
        throw classifySmtp(thrown);
      }
    },
    close: () => transport.close(),
  };
}

/** From the fact alone: a repeat after a crash carries the same id, so that servers and people can tell a copy. */
function messageIdOf(fact: string, domain: string): string {
  return `<${createHash('sha256').update(fact).digest('hex').slice(0, 40)}@${domain}>`;
}

interface MailRow {
  readonly messageId: string;
  readonly fact: string;
  readonly template: string;
  readonly locale: string;
  readonly recipient: string;
  readonly subject: string;
}

/** Writes the row before anything is sent, so that what is on its way is seen; an address corrected meanwhile counts. */
/** Notes what is about to be sent; of a mail that was sent before, what went out then stays noted. */
async function remember(
  db: Database,
  row: MailRow & { readonly attachments: readonly string[] },
): Promise<{ status: string; attachments: readonly string[] }> {
  const { rows } = await db.query<{ status: string; attachments: string[] }>(
    `insert into mails (message_id, fact, template, locale, recipient, subject, attachments)
     values ($1, $2, $3, $4, $5, $6, $7::jsonb)
     on conflict (fact) do update set
       recipient = case when mails.status = 'sent' then mails.recipient else excluded.recipient end,
       subject = case when mails.status = 'sent' then mails.subject else excluded.subject end,
       attachments = case when mails.status = 'sent' then mails.attachments else excluded.attachments end
     returning status, attachments`,
    [
      row.messageId,
      row.fact,
      row.template,
      row.locale,
      row.recipient,
      row.subject,
      JSON.stringify(row.attachments),
    ],
  );
  return rows[0]!;
}
