/** The inbox as a web page: list, message, attachments, raw source. Mail is a stranger's HTML, so it is shown in a sandboxed frame. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { escapeHtml, page, table } from '../page.ts';
import type { ReceivedMail } from './mail.ts';
import type { Mailbox } from './mailbox.ts';

/** `path` below `/inbox/`: ``, `<id>`, `<id>/html`, `<id>/raw`, `<id>/attachments/<n>`. */
export function inboxPage(deps: { mailbox: Mailbox }) {
  const serve = async (res: ServerResponse, path: string) => {
    const [id = '', part, index] = path.split('/');
    if (id === '') return send(res, 'text/html', listPage(await deps.mailbox.deliveries()));
    const mail = await deps.mailbox.get(id);
    if (mail === undefined) return send(res, 'text/plain', 'no such message', 404);
    if (part === undefined) return send(res, 'text/html', mailPage(mail));
    if (part === 'html') return sendHtmlOf(res, mail);
    if (part === 'raw') return send(res, 'text/plain', deps.mailbox.raw(id) ?? '');
    const attachment = mail.attachments[Number(index)];
    if (attachment === undefined) return send(res, 'text/plain', 'no such attachment', 404);
    res.setHeader(
      'content-disposition',
      `attachment; filename*=UTF-8''${encodeURIComponent(attachment.fileName)}`,
    );
    send(res, 'application/octet-stream', attachment.content);
  };
  return (_req: IncomingMessage, res: ServerResponse, path: string) => {
    serve(res, path).catch((thrown: unknown) => send(res, 'text/plain', String(thrown), 500));
  };
}

function listPage(mails: readonly ReceivedMail[]): string {
  const rows = [...mails]
    .reverse()
    .map((mail) => [
      escapeHtml(mail.at.toISOString()),
      escapeHtml(mail.to.join(', ')),
      `<a href="/inbox/${mail.id}">${escapeHtml(mail.subject || '(no subject)')}</a>`,
      String(mail.attachments.length),
    ]);
  return page({ title: `Inbox (${mails.length})`, body: table(['At', 'To', 'Subject', 'Files'], rows) });
}

function mailPage(mail: ReceivedMail): string {
  const base = `/inbox/${mail.id}`;
  const files = mail.attachments.map(
    (file, index) =>
      `<li><a href="${base}/attachments/${index}">${escapeHtml(file.fileName)}</a> <small>${escapeHtml(file.contentType)}, ${file.content.length} bytes</small></li>`,
  );
  const headers = mail.headers.map(({ name, value }) => [escapeHtml(name), escapeHtml(value)]);
  return page({
    title: mail.subject || '(no subject)',
    body: `<p>From ${escapeHtml(mail.from)} to ${escapeHtml(mail.to.join(', '))}, ${escapeHtml(mail.at.toISOString())}
 · <a href="/inbox">Inbox</a> · <a href="${base}/raw">Source</a></p><ul>${files.join('')}</ul>
<iframe title="Message" sandbox="allow-popups" src="${base}/html"></iframe>
<h2>Text</h2><pre>${escapeHtml(mail.text)}</pre><h2>Headers</h2>${table(['Name', 'Value'], headers)}`,
  });
}

function sendHtmlOf(res: ServerResponse, mail: ReceivedMail): void {
  // Also when opened by itself: no scripts, and nothing is fetched from anywhere.
  res.setHeader(
    'content-security-policy',
    "sandbox allow-popups; default-src 'none'; img-src data:; style-src 'unsafe-inline'",
  );
  send(res, 'text/html', mail.html || `<pre>${escapeHtml(mail.text)}</pre>`);
}

function send(res: ServerResponse, type: string, body: string | Uint8Array, status = 200): void {
  const charset = type.startsWith('text/') ? '; charset=utf-8' : '';
  res
    .writeHead(status, { 'content-type': `${type}${charset}`, 'x-content-type-options': 'nosniff' })
    .end(body);
}
