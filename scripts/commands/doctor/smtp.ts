/** The mail server: greets, takes our login, and how safely it is spoken to. */
import type { Database } from '../../../connector/db/database.ts';
import { createMailer } from '../../../connector/mail/mailer.ts';
import { loadTemplates } from '../../../connector/mail/templates.ts';
import type { Check } from './context.ts';
import { type Finding, failed, green, red, unproven, yellow } from './finding.ts';
import { helloOf } from './smtp-hello.ts';

const TEMPLATES = new URL('../../../templates', import.meta.url).pathname;

export const smtp: Check = {
  system: 'smtp',
  needs: ['SMTP_URL', 'MAIL_FROM'],
  async run({ config, log, now, callMs }) {
    const { smtpUrl, from } = config.mail;
    try {
      const mailer = createMailer({
        ...{ smtpUrl, from, log, now, timeoutMs: callMs },
        templates: loadTemplates(TEMPLATES),
        db: untouched,
      });
      try {
        await mailer.verify();
      } finally {
        mailer.close();
      }
      const url = new URL(smtpUrl);
      const login = url.username === '' ? 'no login is set' : 'it takes the login';
      return [
        green(`${url.hostname} greets us; ${login}`),
        await tlsFinding(url, callMs),
        unproven(`that it delivers mail from ${from}`, 'Send one mail to yourself: SPF and DKIM show there.'),
      ];
    } catch (thrown) {
      return [failed('mail server', thrown)];
    }
  },
};

async function tlsFinding(url: URL, callMs: number): Promise<Finding> {
  if (url.protocol === 'smtps:') return green('TLS from the first byte');
  const extensions = await helloOf({ host: url.hostname, port: Number(url.port || 587), timeoutMs: callMs });
  if (extensions.includes('STARTTLS')) return green('TLS by STARTTLS');
  if (isLoopback(url.hostname)) return green('no TLS, and the mail server is on this very machine');
  const advice = 'Use smtps://, or a server that offers STARTTLS.';
  return url.password === ''
    ? yellow('mail goes out without TLS', advice)
    : red('login and mail go out without TLS', advice);
}

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || host.startsWith('127.');

/** Logging in needs no database: a mailer that touched it here would be wrong. */
const untouched: Database = {
  kind: 'pglite',
  query: () => Promise.reject(new Error('the doctor sends no mail')),
  tx: () => Promise.reject(new Error('the doctor sends no mail')),
  close: () => Promise.resolve(),
};
