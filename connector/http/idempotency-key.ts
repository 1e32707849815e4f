import type { Request } from 'express';
import { requestError } from './problem.ts';

// A key that could be guessed would let a stranger ask for another's answer.
const KEY = /^[\x21-\x7e]{16,255}$/;

/** @returns undefined: none was sent. @throws ConnectorError permanent `idempotency_key_invalid` */
export function idempotencyKeyOf(req: Request): string | undefined {
  const key = req.get('idempotency-key');
  if (key === undefined || KEY.test(key)) return key;
  throw requestError(
    'idempotency_key_invalid',
    'Idempotency-Key must have 16 to 255 printable characters.',
    'Send a UUID.',
  );
}
