import { expect, it } from 'vitest';
import { networkFailure, retryAfterMs } from '../connector/errors-network.ts';

const failing = (code: string) => Object.assign(new Error('words'), { code });

it.each([
  ['a refused connection', failing('ECONNREFUSED'), 'unreachable'],
  ['an unknown host', failing('ENOTFOUND'), 'unreachable'],
  ['a certificate that has expired', failing('CERT_HAS_EXPIRED'), 'unreachable'],
  ['a reset', failing('ECONNRESET'), 'lost'],
  ['what fetch wraps', new TypeError('fetch failed', { cause: failing('ECONNREFUSED') }), 'unreachable'],
  [
    'both addresses of a host',
    new AggregateError([failing('ECONNREFUSED'), failing('EHOSTUNREACH')]),
    'unreachable',
  ],
  ['a time limit', new DOMException('words', 'TimeoutError'), 'lost'],
  ['an abort', new DOMException('words', 'AbortError'), 'lost'],
  ['another error', new Error('ECONNREFUSED'), null],
  ['no error', 'ECONNREFUSED', null],
  ['nothing', undefined, null],
])('tells %s', (_what, thrown, expected) => {
  expect(networkFailure(thrown)).toBe(expected);
});

it('does not run in circles', () => {
  const error = new Error('a');
  error.cause = error;
  expect(networkFailure(error)).toBeNull();
});

it.each([
  ['7', 7000],
  ['0.5', 500],
  ['31536000', 3_600_000],
  ['Sun, 21 Nov 2027 06:00:00 GMT', 3_600_000],
  ['Sat, 21 Nov 2026 06:00:30 GMT', 30_000],
  ['Sat, 21 Nov 2026 05:00:00 GMT', undefined],
  ['-1', undefined],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
  [7, undefined],
])('reads Retry-After %j', (header, expected) => {
  expect(retryAfterMs(header, new Date('2026-11-21T06:00:00Z'))).toBe(expected);
});
