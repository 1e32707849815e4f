import { expect, it } from 'vitest';
import { classifyB2 } from '../../connector/b2/errors.ts';
import { ConnectorError } from '../../connector/errors.ts';

it('keeps what is classified, and takes what nobody knows for a defect, without its text', () => {
  const known = new ConnectorError({ kind: 'bug', code: 'x', message: 'x' });
  expect(classifyB2(known, 'b2_list_keys')).toBe(known);
  const unknown = classifyB2(new TypeError('Basic c2VjcmV0'), 'b2_list_keys');
  expect(unknown).toMatchObject({ kind: 'bug', code: 'b2_unexpected' });
  expect(`${unknown.message}${unknown.cause}`).not.toContain('c2VjcmV0');
  expect(classifyB2('thrown', 'b2_list_keys')).toMatchObject({ kind: 'bug', code: 'b2_unexpected' });
  expect(classifyB2(null, 'b2_list_keys')).toMatchObject({ kind: 'bug', code: 'b2_unexpected' });
});

it('does not need a message, and waits as long as it is told', () => {
  const answer = { status: 503, data: { code: 'service_unavailable' }, headers: { 'retry-after': '3' } };
  expect(classifyB2({ response: answer }, 'b2_upload_file')).toMatchObject({
    code: 'b2_unavailable',
    message: expect.stringContaining('no message'),
    retryAfterMs: 3000,
  });
});
