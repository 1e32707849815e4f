/** What nodemailer threw, classified by its codes and the SMTP reply (RFC 5321, 4.2.1); never by text. */
import { ConnectorError } from '../errors.ts';
import { networkFailure } from '../errors-network.ts';

interface SmtpFailure {
  readonly code?: string;
  /** The code before nodemailer set its own. */
  readonly originalCode?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly timeoutType?: string;
}

// Nothing was handed over yet when these end a connection.
const BEFORE_MAIL = new Set(['EDNS', 'ETLS', 'ECONFIG', 'EPROXY']);
const BEFORE_TIMEOUT = new Set(['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT']);

// RFC 4954, 6: authentication required, too weak, invalid, encryption required; also in reply to MAIL or DATA.
const AUTH_REPLIES = new Set([530, 534, 535, 538]);

export function classifySmtp(thrown: unknown): ConnectorError {
  if (thrown instanceof ConnectorError) return thrown;
  const failure = (thrown instanceof Error ? thrown : {}) as SmtpFailure;
  const code = failure.originalCode ?? failure.code ?? 'unknown';
  // A copy: nodemailer's error may hold the connection's settings.
  const cause = new Error(code);
  const reply = failure.responseCode;
  const base = { system: 'smtp' as const, cause, details: { smtpCode: reply, code } };
  const said = failure.response === undefined ? code : failure.response.slice(0, 300);
  if (failure.code === 'EAUTH' || failure.code === 'ENOAUTH' || AUTH_REPLIES.has(reply ?? 0)) {
    return new ConnectorError({
      ...base,
      kind: reply !== undefined && reply < 500 ? 'retryable' : 'permanent',
      code: 'mail_auth',
      message: `The mail server does not accept the login: ${said}`,
      advice: 'Correct user and password in SMTP_URL, start again, then retry the run.',
    });
  }
  if (reply !== undefined && reply >= 500 && reply !== 503) {
    return new ConnectorError({
      ...base,
      kind: 'permanent',
      code: 'mail_refused',
      message: `The mail server refused the mail: ${said}`,
      advice: 'Check the recipient’s address and MAIL_FROM, then retry the run.',
    });
  }
  // 4yz, and 503 (wrong state of the session): may pass on a new connection.
  if (reply !== undefined) {
    return new ConnectorError({
      ...base,
      kind: 'retryable',
      code: 'mail_deferred',
      message: `The mail server put the mail off: ${said}`,
      advice: 'It is tried again.',
    });
  }
  return noReply(failure, base, code);
}

function noReply(
  failure: SmtpFailure,
  base: { system: 'smtp'; cause: Error; details: Record<string, unknown> },
  code: string,
): ConnectorError {
  const unreachable =
    networkFailure(Object.assign(new Error(code), { code })) === 'unreachable' ||
    BEFORE_MAIL.has(failure.code ?? '') ||
    BEFORE_TIMEOUT.has(failure.timeoutType ?? '');
  if (unreachable) {
    return new ConnectorError({
      ...base,
      kind: 'retryable',
      code: 'mail_unreachable',
      message: `The mail server could not be reached (${code})`,
      advice: 'Mail waits and goes out by itself. Check SMTP_URL, the network and the server’s certificate.',
      unreachable: true,
    });
  }
  return new ConnectorError({
    ...base,
    kind: 'retryable',
    code: 'mail_no_answer',
    message: `The mail server's answer was not read (${code})`,
    advice: 'It is sent again under the same Message-ID; a second copy is possible.',
    effectUnknown: true,
  });
}
