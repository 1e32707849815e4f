import { expect, it } from 'vitest';
import { noAnswer, refusal } from '../../connector/bep/errors.ts';
import { ConnectorError } from '../../connector/errors.ts';

const answer = (status: number, body: unknown = undefined) =>
  refusal({ status, headers: new Headers(), body }, '/v1');

it.each([
  [{ message: 'a' }, ': a'],
  [{ detail: 'b' }, ': b'],
  [{ error: { message: 'c' } }, ': c'],
  [{ error: 'd' }, ': d'],
  [{ title: 'e' }, ': e'],
  [{ message: '' }, '422'],
  ['text', '422'],
  [undefined, '422'],
])('finds the engine’s words in %j', (body, end) => {
  expect(answer(422, body).message.endsWith(end)).toBe(true);
});

it('takes what is outside its table for a refusal', () => {
  expect(answer(199)).toMatchObject({ kind: 'permanent', code: 'bep_refused' });
});

it('keeps what is classified, and takes what nobody knows for a defect', () => {
  const known = new ConnectorError({ kind: 'permanent', code: 'bep_too_large', message: 'x' });
  expect(noAnswer(known, '/v1')).toBe(known);
  expect(noAnswer(new TypeError('x is not a function'), '/v1')).toMatchObject({
    kind: 'bug',
    code: 'bep_unexpected',
  });
});
