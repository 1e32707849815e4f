import { expect, it } from 'vitest';
import { ConnectorError } from '../../connector/errors.ts';
import { classifySmtp } from '../../connector/mail/errors.ts';

const failure = (fields: Record<string, unknown>) => Object.assign(new Error('words'), fields);

it.each([
  [{ code: 'EDNS' }, { code: 'mail_unreachable', unreachable: true }],
  [{ code: 'ETLS' }, { code: 'mail_unreachable', unreachable: true }],
  [
    { code: 'ESOCKET', originalCode: 'ECONNREFUSED' },
    { code: 'mail_unreachable', unreachable: true },
  ],
  [
    { code: 'ETIMEDOUT', timeoutType: 'CONNECT_TIMEOUT' },
    { code: 'mail_unreachable', unreachable: true },
  ],
  [
    { code: 'ETIMEDOUT', timeoutType: 'SOCKET_TIMEOUT' },
    { code: 'mail_no_answer', effectUnknown: true },
  ],
  [{ code: 'ECONNECTION' }, { code: 'mail_no_answer', effectUnknown: true }],
  [
    { code: 'EAUTH', responseCode: 535 },
    { kind: 'permanent', code: 'mail_auth' },
  ],
  [
    { code: 'EAUTH', responseCode: 454 },
    { kind: 'retryable', code: 'mail_auth' },
  ],
  [{ code: 'ENOAUTH' }, { kind: 'permanent', code: 'mail_auth' }],
  [
    { code: 'EMESSAGE', responseCode: 530 },
    { kind: 'permanent', code: 'mail_auth' },
  ],
  [
    { code: 'EENVELOPE', responseCode: 550, response: '550 5.1.1 nobody' },
    { kind: 'permanent', code: 'mail_refused' },
  ],
  [
    { code: 'EENVELOPE', responseCode: 421 },
    { kind: 'retryable', code: 'mail_deferred' },
  ],
  [
    { code: 'EENVELOPE', responseCode: 503 },
    { kind: 'retryable', code: 'mail_deferred' },
  ],
])('sorts %j', (fields, expected) => {
  expect(classifySmtp(failure(fields))).toMatchObject({ ...expected, system: 'smtp' });
});

it('keeps what is classified, and says so when nothing is known', () => {
  const known = new ConnectorError({ kind: 'bug', code: 'x', message: 'x' });
  expect(classifySmtp(known)).toBe(known);
  expect(classifySmtp('thrown')).toMatchObject({ kind: 'retryable', code: 'mail_no_answer' });
});
